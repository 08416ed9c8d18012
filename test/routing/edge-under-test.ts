import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src/logging/logger.ts';
import type { InstanceId } from '../../src/names/instance-id.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import type { RunningTraefik } from '../../src/routing/traefik-container.ts';
import { createTraefikRoutes, type TraefikRoutes } from '../../src/routing/traefik-routes.ts';
import { freshInstance } from '../fresh-names.ts';
import { traefikOfTests } from './traefik-of-tests.ts';

/** A real Traefik that the factory's own code made and configures. */
export interface EdgeUnderTest {
  readonly ports: RunningTraefik['ports'];
  readonly routes: TraefikRoutes;
  /** Where Traefik's file is. */
  readonly folder: string;
  /** Of which Traefik's container is. */
  readonly instance: InstanceId;
  /** What the asleep page answers. */
  readonly asleep: string;
  close(): Promise<void>;
}

const ASLEEP = 'asleep';
/** The factory's, and no workspace's. */
const OWN_HOST = 'factory.test';

export async function startEdge(
  hostOf: (key: WorkspaceKey) => string,
  signal: AbortSignal,
): Promise<EdgeUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-'));
  const page = createServer((_request, response) => response.writeHead(503).end(ASLEEP));
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  const logger = createLogger('error');
  const instance = freshInstance();
  const container = traefikOfTests({ instance, folder, logger });
  const close = async () => {
    await container.remove(AbortSignal.timeout(60_000));
    page.closeAllConnections();
    page.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { ports, api } = await container.ensure(signal);
    const web = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const own = () => ({ host: OWN_HOST, tls: undefined });
    const { revive } = container;
    const routes = await createTraefikRoutes(
      {
        folder,
        hostOf,
        web,
        own,
        httpsPort: ports.https,
        kube: { host: '127.0.0.1', port: ports.kube },
        api,
        revive,
        logger,
      },
      signal,
    );
    return { ports, routes, folder, instance, asleep: ASLEEP, close };
  } catch (error) {
    await close();
    throw error;
  }
}
