import { type Command, Option } from 'commander';
import type { StartClusterService, StartFactory } from '../composition/start-request.ts';
import type { Surroundings } from './surroundings.ts';

/** What `serve` starts, by the roles of the process. */
export interface Starts {
  /** With the role `gateway`. */
  readonly factory: StartFactory;
  /** With `clusters` alone. */
  readonly clusterService: StartClusterService;
}

/** What every command of the program is given. */
export interface CommandLine {
  readonly surroundings: Surroundings;
  readonly starts: Starts;
  /** Aborts when the person or the system wants the program to end. */
  readonly stop: AbortSignal;
  /** Sets the status of the program, for an action that does its work and has bad news; 0 where it is not called. */
  readonly exitWith: (status: number) => void;
}

/** Adds one command to `program`. Its action rejects with a `FactoryError`; commander itself ends it for usage errors. */
export type AddCommand = (program: Command, line: CommandLine) => void;

/** The same in all commands that read a configuration. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'configuration file (YAML)').env('FACTORY_CONFIG');
}
