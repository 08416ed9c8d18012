import type { Identity } from '../../identity/identity.ts';
import type { LabAccess } from '../../labs/lab-decision.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { WorkspaceAccess } from '../../workspaces/workspace-access.ts';
import type { BystanderKeys } from '../authentication/bystander-keys.ts';
import type { ClusterWords } from '../commands/cluster.ts';
import type { LabDoor } from '../door/lab-door.ts';
import type { Draining } from '../draining.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { ProvableKey } from '../keys/host-key-proofs.ts';
import type { UserConnections } from './user-connections.ts';

/** What all connections of a gateway share. */
export interface ConnectionServices {
  readonly identity: Identity;
  readonly labAccess: LabAccess;
  readonly workspaces: WorkspaceAccess;
  /** That are told to clients. */
  readonly announcedKeys: readonly ProvableKey[];
  readonly innerPrivateKey: string;
  /** Undefined: the labs have no door. */
  readonly door?: LabDoor | undefined;
  /** Undefined: there is no `@cluster`. */
  readonly runCluster?: ClusterWords | undefined;
  readonly users: UserConnections;
  readonly draining: Pick<Draining, 'refusal'>;
  readonly bystanders: BystanderKeys;
  readonly explainRefusals: boolean;
  readonly host: string;
  readonly port: number;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}
