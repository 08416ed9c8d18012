import { mkdtempSync } from 'node:fs';
import { chown, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { PUBLIC_AUTHORITY } from '../../../src/acme/testing/public-authority.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { LABEL } from '../../../src/names/docker-names.ts';
import type { InstanceId } from '../../../src/names/instance-id.ts';
import { prepareOwnAcme } from '../../../src/routing/own-acme.ts';
import { makeCertificateFolder } from '../../../src/routing/own-certificate.ts';
import type { OwnName } from '../../../src/routing/own-name-rules.ts';
import type { RunningTraefik } from '../../../src/routing/traefik-container.ts';
import type { TraefikSetup } from '../../../src/routing/traefik-options.ts';
import { createTraefikRoutes, type TraefikRoutes } from '../../../src/routing/traefik-routes.ts';
import { startWebServer, type WebServer } from '../../../src/web/web-server.ts';
import { WHOAMI_IMAGE } from '../../e2e/harness/set-up.ts';
import { freePort } from '../../e2e/harness/taken-port.ts';
import { freshInstance, workspace } from '../../fresh-names.ts';
import { traefikOfTests } from '../traefik-of-tests.ts';

export const OWN_HOST = 'lab.localhost';
export const ALICE = 'alice.lab.localhost';
export const BOB = 'bob.lab.localhost';

const logger = createLogger('silent');
const signal = AbortSignal.timeout(600_000);
const docker = new Docker();

/**
 * A Traefik as the factory makes it, with the factory's web server, and two workspaces: alice's is awake and bob's asleep. Behind
 * alice's names is one app, which echoes what it is asked, on port 80; on 443 it speaks plain HTTP, so that a hello for TLS that
 * gets there is answered with 400.
 */
export class Edge implements AsyncDisposable {
  /** Asked for each publication. */
  own: OwnName = { host: OWN_HOST, tls: undefined };
  web: WebServer;
  readonly instance: InstanceId;
  readonly traefik: RunningTraefik;
  readonly routes: TraefikRoutes;
  readonly folder: string;
  readonly certificateFolder: string;
  readonly acmeFolder: string;
  readonly #apps: readonly Docker.Container[];
  readonly #remove: () => Promise<void>;

  private constructor(
    instance: InstanceId,
    parts: Pick<Edge, 'web' | 'traefik' | 'folder' | 'certificateFolder' | 'acmeFolder'>,
    apps: readonly Docker.Container[],
    routes: TraefikRoutes,
    remove: () => Promise<void>,
  ) {
    this.web = parts.web;
    this.traefik = parts.traefik;
    this.folder = parts.folder;
    this.certificateFolder = parts.certificateFolder;
    this.acmeFolder = parts.acmeFolder;
    this.instance = instance;
    this.#apps = apps;
    this.routes = routes;
    this.#remove = remove;
  }

  /** `setup`: what is not the default of Traefik's container. */
  static async start(setup: Partial<TraefikSetup> = {}): Promise<Edge> {
    const instance = freshInstance();
    const folder = mkdtempSync(join(tmpdir(), 'edge-'));
    const certificateFolder = join(folder, 'own-certificate', 'for-traefik');
    const acmeFolder = join(folder, 'own-acme', 'for-traefik');
    await makeCertificateFolder(certificateFolder);
    // Nobody answers there: what is tried is who gets the challenges, not who sets them.
    const acme = await prepareOwnAcme(
      { ...PUBLIC_AUTHORITY, directory: 'https://127.0.0.1:9/dir' },
      acmeFolder,
    );
    await asAnotherUsers(acmeFolder);
    const container = traefikOfTests({
      instance,
      folder: join(folder, 'routes'),
      certificateFolder,
      acme,
      ...setup,
      logger,
    });
    // It is given back for a while by `withoutWeb`, and nobody is to get it then.
    const web = await startPages(await freePort());
    const traefik = await container.ensure(signal);
    const { apps, address } = await startApps(instance);
    let edge: Edge | undefined;
    const routes = await createTraefikRoutes(
      {
        folder: join(folder, 'routes'),
        hostOf: (key) => `${key.user}.${OWN_HOST}`,
        web: web.url,
        own: () => edge?.own ?? { host: OWN_HOST, tls: undefined },
        httpsPort: traefik.ports.https,
        kube: { host: '127.0.0.1', port: traefik.ports.kube },
        api: traefik.api,
        revive: container.revive,
        logger,
      },
      signal,
    );
    edge = new Edge(instance, { web, traefik, folder, certificateFolder, acmeFolder }, apps, routes, () =>
      container.remove(signal),
    );
    const api = { host: address, port: 6443 };
    await routes.set(
      workspace('alice', 'k3s'),
      { kind: 'awake', addresses: { ingress: address, api } },
      signal,
    );
    await routes.set(workspace('bob', 'k3s'), { kind: 'asleep' }, signal);
    return edge;
  }

  async publish(own: OwnName): Promise<void> {
    this.own = own;
    await this.routes.publish(signal);
  }

  /** As when the factory is restarted. */
  async withoutWeb(during: () => Promise<void>): Promise<void> {
    const { port } = new URL(this.web.url);
    await this.web.close();
    await during();
    this.web = await startPages(Number(port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
    await Promise.all(this.#apps.map((app) => app.remove({ force: true })));
    await this.web.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * A folder and the files in it as those of a factory that is not root: Traefik's root has no right to such beyond everybody's. For
 * who is not root they are so already.
 */
export async function asAnotherUsers(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const paths = [folder, ...(await readdir(folder)).map((name) => join(folder, name))];
  await Promise.all(paths.map((path) => chown(path, 65_534, 65_534)));
}

function startPages(port: number): Promise<WebServer> {
  return startWebServer({
    listen: { host: '127.0.0.1', port },
    door: () => ({ domain: OWN_HOST, port: 2222 }),
    loginFor: () => undefined,
    publicUrl: () => `http://<user>.${OWN_HOST}`,
    api: () => undefined,
    logger,
  });
}

async function startApps(instance: InstanceId) {
  const options = { Image: WHOAMI_IMAGE, Labels: { [LABEL.instance]: instance } };
  const app = await docker.createContainer(options);
  await app.start();
  const beside = await docker.createContainer({
    ...options,
    Cmd: [':443'],
    HostConfig: { NetworkMode: `container:${app.id}` },
  });
  await beside.start();
  const address = (await app.inspect()).NetworkSettings.Networks.bridge?.IPAddress ?? '';
  return { apps: [beside, app], address };
}
