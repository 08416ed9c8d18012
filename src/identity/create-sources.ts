import type { IdentitySourceConfig } from '../config/factory-config.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { IdentitySource } from './identity.ts';
import { KeyFilesSource } from './sources/key-files.ts';
import { KeyServerSource } from './sources/key-server.ts';
import { OwnKeysSource } from './sources/own-keys.ts';

export interface IdentitySourcesOptions {
  readonly config: readonly IdentitySourceConfig[];
  /** The data folder. */
  readonly data: string;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** Their ssh-agent's socket (SSH_AUTH_SOCK), if they have one. */
  readonly agentSocket: string | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The configured sources, in order. Throws `CONFIG_INVALID`. */
export function createIdentitySources(options: IdentitySourcesOptions): IdentitySource[] {
  return options.config.map((source) => createSource(source, options));
}

function createSource(
  source: IdentitySourceConfig,
  { data, home, agentSocket, logger, clock }: IdentitySourcesOptions,
): IdentitySource {
  switch (source.kind) {
    case 'files':
      return new KeyFilesSource(source.folder, logger, clock);
    case 'github':
      return new KeyServerSource({ ...source, data, logger, clock });
    case 'own':
      return new OwnKeysSource({ user: source.user, home, agentSocket, logger });
  }
}
