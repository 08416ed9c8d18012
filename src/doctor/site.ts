import type { FactoryConfig } from '../config/factory-config.ts';
import type { LabCatalogue } from '../labs/lab-catalogue.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { EngineAnswer } from './engine-answer.ts';
import type { KeyServerVisit } from './key-server-visit.ts';

/** What the checks are given: what is configured, and who knows about the rest. */
export interface Site {
  readonly config: FactoryConfig;
  readonly labs: LabCatalogue;
  readonly instance: InstanceId;
  /** The engine is asked once for all checks. Never rejects. */
  readonly engine: Promise<EngineAnswer>;
  /** Each key server is asked once for all checks. Never rejects. */
  readonly keyServers: Promise<readonly KeyServerVisit[]>;
  /** DOCKER_HOST, where it is set. */
  readonly dockerHost: string | undefined;
  /** The program k3d: a path, or a name on PATH. */
  readonly k3d: string;
  /** k3d's own images, where set-up names them. */
  readonly k3dImages: { readonly tools: string; readonly loadbalancer: string } | undefined;
  /** Where the set-up program says what images are still on their way; absolute. */
  readonly setupFile: string;
  /** Whether a factory runs on this data folder. */
  readonly isRunning: () => boolean;
  /** The ports that a Traefik of this factory holds. */
  readonly heldPorts: (signal: AbortSignal) => Promise<readonly number[]>;
  /** The workspaces whose cluster is just being created, or whose creation was cut off. */
  readonly creations: () => Promise<readonly WorkspaceKey[]>;
  /** Whether ssh2 has its native addon. */
  readonly hasNativeCrypto: () => boolean;
  /** The home folder of the person who runs the factory. */
  readonly home: string;
  /** Their ssh-agent's socket, if they have one. */
  readonly agentSocket: string | undefined;
}
