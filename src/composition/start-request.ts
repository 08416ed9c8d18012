import type { ConfigSource } from '../config/config-source.ts';
import type { FactoryConfig } from '../config/factory-config.ts';
import type { LabCatalogue } from '../labs/lab-catalogue.ts';
import type { Logger } from '../logging/logger.ts';
import type { Role } from './roles.ts';
import type { RunningClusterService, RunningFactory } from './running-factory.ts';

/** All that a start of the factory takes from the command line and what is around it. */
export interface StartRequest {
  /** Of this program. */
  readonly version: string;
  readonly config: FactoryConfig;
  /** Where that came from; undefined: from no file. */
  readonly source: ConfigSource | undefined;
  readonly roles: ReadonlySet<Role>;
  readonly labs: LabCatalogue;
  readonly logger: Logger;
  /** The program k3d: a path, or a name on PATH. */
  readonly k3d: string;
  /** k3d's own images, where the usual ones can't be had. */
  readonly k3dImages: { readonly tools: string; readonly loadbalancer: string } | undefined;
  /** Where the set-up program says what images are still on their way; absolute. */
  readonly setupFile: string;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** Their ssh-agent's socket, if they have one. */
  readonly agentSocket: string | undefined;
  /**
   * To be called before anything is started, with the ports that a Traefik of an earlier run of this factory still holds.
   * Rejects with `PORT_IN_USE` or `CONFIG_INVALID`, whose message names the keys of the configuration.
   */
  readonly assertRoutePortsFree: (held: readonly number[]) => Promise<void>;
  /** Aborts when the factory shall stop, which can be in the middle of its start. */
  readonly stop: AbortSignal;
}

/** Starts a factory; resolves when all of it answers. */
export type StartFactory = (request: StartRequest) => Promise<RunningFactory>;

/** Starts the process with the role `clusters` alone; resolves when it listens. */
export type StartClusterService = (request: StartRequest) => Promise<RunningClusterService>;
