import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { type ClusterApiClient, createClusterApiClient } from '../api-client/cluster-api-client.ts';
import { inProcessTransport } from '../api-client/transport.ts';
import { clusterApiOf } from '../cluster-command/cluster-api.ts';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import { createClusterCommand } from '../cluster-command/run-cluster-command.ts';
import type { LabDoor } from '../gateway/door/lab-door.ts';
import { createLabDoor } from '../lab-door/lab-door.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { DOOR_FOLDER } from '../runtime/docker/sessions/sshd-config.ts';
import { systemClock } from '../time/clock.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import type { TokenIssuer, TokenVerifier } from '../tokens/tokens.ts';
import { sharedLimit } from '../workspaces/sessions/shared-limit.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import type { Closers } from './closers.ts';

export interface LabCommandsOptions {
  readonly api: FastifyPluginAsync;
  /** With the API, for calls within this process. */
  readonly app: FastifyInstance;
  readonly tokens: { readonly issuer: TokenIssuer; readonly verifier: TokenVerifier };
  readonly workspaces: Pick<Workspaces, 'snapshot'>;
  readonly logger: Logger;
}

/** What students give orders with: the door of their lab, and the command that is behind it and behind `@cluster`. */
export interface LabCommands {
  readonly door: LabDoor;
  readonly runCluster: RunClusterCommand;
}

/** A token for one call; ms. */
const CALL_TOKEN = 5 * 60_000;

export async function openLabCommands(options: LabCommandsOptions, closers: Closers): Promise<LabCommands> {
  const { api, tokens, workspaces, logger } = options;
  const clientOf = clientsOf(options);
  const runCluster = createClusterCommand({
    api: (key) => clusterApiOf(clientOf(key), key),
    sessionLimit: (key) => sharedLimit(workspaces.snapshot(key)?.leases ?? []),
    clock: systemClock,
    logger,
  });
  const door = await createLabDoor({
    folder: DOOR_FOLDER,
    run: runCluster,
    ...tokens,
    clock: systemClock,
    addApi: async (app) => void (await app.register(api)),
    logger,
  });
  closers.add('doors of the labs', () => door.close());
  return { door, runCluster };
}

/** The API within this process, as the student of a workspace. */
function clientsOf({ app, tokens: { issuer } }: LabCommandsOptions): (key: WorkspaceKey) => ClusterApiClient {
  const send = inProcessTransport(app);
  return (key) =>
    createClusterApiClient({
      baseUrl: 'http://localhost',
      send,
      token: async () => {
        const { token } = await issuer.issue({ role: 'student', key }, AUDIENCE.api, CALL_TOKEN);
        return token;
      },
    });
}
