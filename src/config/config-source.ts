import type { LabName } from '../names/lab-name.ts';
import type { LoadedConfig } from './load-config.ts';

/** The file that a running factory has its configuration from. */
export interface ConfigSource {
  /** Absolute. */
  readonly file: string;
  /** What the files in messages are relative to. */
  readonly workingFolder: string;
  /** As the factory was started with it. */
  readonly loaded: LoadedConfig;
  /** Reads it again, for a factory that has these labs. Rejects as `loadConfig` does. */
  reload(labs: readonly LabName[]): Promise<LoadedConfig>;
}
