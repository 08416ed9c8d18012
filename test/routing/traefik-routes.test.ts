import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging/logger.ts';
import { LABEL } from '../../src/names/docker-names.ts';
import type { ChoosePort } from '../../src/routing/chance-ports.ts';
import type { RunningTraefik, TraefikContainerOptions } from '../../src/routing/traefik-container.ts';
import { TRAEFIK_LABEL, traefikName } from '../../src/routing/traefik-options.ts';
import { createTraefikRoutes, type TraefikRoutes } from '../../src/routing/traefik-routes.ts';
import { WHOAMI_IMAGE } from '../e2e/harness/set-up.ts';
import { freePort } from '../e2e/harness/taken-port.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { traefikOfTests } from './traefik-of-tests.ts';

const run = promisify(execFile);
const docker = new Docker();
const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'traefik-routes-'));
const alice = workspace('alice', 'k3s');
const signal = AbortSignal.timeout(600_000);

let asleepPage: Server;
let app: Docker.Container;
let address: string;
let traefik: RunningTraefik;
let routes: TraefikRoutes;

const traefikWith = (port = 0, more: Partial<TraefikContainerOptions> = {}) => {
  const listen = { host: '127.0.0.1', port: 0 };
  const listens = { http: { ...listen, port }, https: listen, kube: listen };
  // Nobody else gets these by chance while Traefik is stopped.
  return traefikOfTests({ instance, folder, listens, choosePort: freePort, ...more });
};
/** These first, and then such as are free. */
const choosing = (...ports: number[]) => vi.fn(async () => ports.shift() ?? freePort());
const routesOn = (running: RunningTraefik) =>
  createTraefikRoutes(
    {
      folder,
      hostOf: (key) => `${key.user}.localhost`,
      web: `http://127.0.0.1:${portOf(asleepPage)}`,
      own: () => ({ host: 'localhost', tls: undefined }),
      httpsPort: running.ports.https,
      kube: { host: '127.0.0.1', port: running.ports.kube },
      api: running.api,
      revive: traefikWith().revive,
      logger: createLogger('error'),
    },
    signal,
  );

beforeAll(async () => {
  asleepPage = createServer((request, response) => {
    response.writeHead(503).end(`asleep ${request.headers.host} ${request.url}`);
  });
  await new Promise<void>((resolve) => asleepPage.listen(0, '127.0.0.1', resolve));
  app = await docker.createContainer({ Image: WHOAMI_IMAGE, Labels: { [LABEL.instance]: instance } });
  await app.start();
  address = (await app.inspect()).NetworkSettings.Networks.bridge?.IPAddress ?? '';
  traefik = await traefikWith().ensure(signal);
  routes = await routesOn(traefik);
}, 180_000);

afterAll(async () => {
  await traefikWith().remove(signal);
  await app?.remove({ force: true });
  asleepPage.close();
  await rm(folder, { recursive: true, force: true });
});

describe('routes through a real Traefik', () => {
  test('an awake workspace answers on its host and below, whatever the case', async () => {
    await routes.set(alice, awake(address), signal);
    for (const host of ['alice.localhost', 'app.alice.localhost', 'a.b.ALICE.localhost']) {
      const answer = await get(host);
      expect([answer.status, answer.body.includes('Hostname:')]).toEqual([200, true]);
    }
  });

  test.each([
    'bob.localhost',
    'xalice.localhost',
    'alicexlocalhost',
    'alice.localhost.example.org',
    'app.xalice.localhost',
    'app.alicexlocalhost',
  ])('%s is nobody', async (host) => {
    await routes.set(alice, awake(address), signal);
    expect((await get(host)).status).toBe(404);
  });

  test('TLS goes through unopened, by its name, and no further', async () => {
    const tls = createServer();
    const seen = new Promise<string>((resolve) =>
      tls.on('clientError', (_error, socket) => {
        socket.destroy();
        resolve('bytes');
      }),
    );
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    await routes.set(
      alice,
      { kind: 'awake', addresses: { ingress: address, api: { host: '127.0.0.1', port: portOf(tls) } } },
      signal,
    );
    await handshake(traefik.ports.kube, 'alice.localhost');
    expect(await seen).toBe('bytes');
    tls.close();
    expect(await handshake(traefik.ports.kube, 'bob.localhost')).toMatch(/alert|no peer certificate/);
    expect(await handshake(traefik.ports.https, 'bob.localhost')).toMatch(/alert|no peer certificate/);
  });

  test('an asleep one shows its page, refuses TLS, and is back by the time `set` resolves', async () => {
    for (let round = 0; round < 5; round++) {
      await routes.set(alice, { kind: 'asleep' }, signal);
      expect(await get('app.alice.localhost', '/deep/link')).toEqual({
        status: 503,
        body: 'asleep app.alice.localhost /asleep',
      });
      expect(await handshake(traefik.ports.https, 'alice.localhost')).toMatch(/alert|no peer certificate/);
      await routes.set(alice, awake(address), signal);
      expect((await get('alice.localhost')).status).toBe(200);
    }
  });

  test('a removed one is nobody', async () => {
    await routes.set(alice, awake(address), signal);
    await routes.remove(alice, signal);
    expect((await get('alice.localhost')).status).toBe(404);
  });

  test('many changes at once all come true', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => workspace(`student-${index}`, 'k3s'));
    await Promise.all(keys.map((key) => routes.set(key, awake(address), signal)));
    const answers = await Promise.all(keys.map((key) => get(`${key.user}.localhost`)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    await Promise.all(keys.map((key) => routes.remove(key, signal)));
  });

  test('the next factory takes over Traefik, its ports and the routes', async () => {
    await routes.set(alice, awake(address), signal);
    const container = traefikWith();
    expect(await container.heldPorts(signal)).toEqual([
      traefik.ports.http,
      traefik.ports.https,
      traefik.ports.kube,
    ]);
    const before = await idOfTraefik();
    const next = await container.ensure(signal);
    expect(next).toEqual(traefik);
    expect(await idOfTraefik()).toBe(before);
    const taken = await routesOn(next);
    expect(taken.adopted).toEqual([alice]);
    expect((await get('alice.localhost')).status).toBe(200);
  });

  test('one that is paused holds its ports', async () => {
    const paused = docker.getContainer(await idOfTraefik());
    await paused.pause();
    const held = await traefikWith().heldPorts(signal);
    await paused.unpause();
    expect(held).toContain(traefik.ports.http);
  });

  test('so does one that Docker starts again and again', async () => {
    const other = freshInstance();
    const ports = { http: 1, https: 2, kube: 3, api: 4 };
    const failing = await docker.createContainer({
      name: traefikName(other),
      Image: (await docker.getContainer(await idOfTraefik()).inspect()).Image,
      Cmd: ['--no-such-option'],
      Labels: { [LABEL.instance]: other, [TRAEFIK_LABEL.ports]: JSON.stringify(ports) },
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    });
    try {
      await failing.start();
      // From the fifth on Docker leaves seconds between two starts.
      await vi.waitFor(async () => {
        const { RestartCount, State } = await failing.inspect();
        expect([RestartCount >= 5, State.Restarting]).toEqual([true, true]);
      }, 60_000);
      expect(await traefikWith(0, { instance: other }).heldPorts(signal)).toEqual([1, 2, 3]);
    } finally {
      await failing.remove({ force: true });
    }
  });

  test('one that was stopped is started again, one with another setup replaced', async () => {
    await docker.getContainer(await idOfTraefik()).stop();
    expect(await traefikWith().heldPorts(signal)).toEqual([]);
    expect(await traefikWith().ensure(signal)).toEqual(traefik);
    const held = traefik.ports.https;
    expect(await traefikWith(traefik.ports.http).heldPorts(signal)).toContain(held);
    const other = await traefikWith(traefik.ports.http).ensure(signal);
    expect(other.ports.http).toBe(traefik.ports.http);
    expect(other.ports.https).not.toBe(held);
    traefik = other;
    routes = await routesOn(other);
    expect((await get('alice.localhost')).status).toBe(200);
  });

  test('one that is killed while it is in use is started again by the next route', async () => {
    await routes.set(alice, { kind: 'asleep' }, signal);
    // Docker does not restart what it was asked to kill, whatever the policy.
    await docker.getContainer(await idOfTraefik()).kill();
    await expect(get('alice.localhost')).rejects.toThrow();
    await routes.set(alice, awake(address), signal);
    expect((await get('alice.localhost')).status).toBe(200);
  });

  test('a port that is taken is named, and nothing stays behind', async () => {
    const taken = portOf(asleepPage);
    const choosePort = choosing();
    const failing = traefikWith(taken, { choosePort }).ensure(signal);
    await expect(failing).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${taken}, `),
    });
    // https, kube and the API: no other port makes this one free.
    expect(choosePort).toHaveBeenCalledTimes(3);
    await expect(idOfTraefik()).rejects.toThrow();
  });
});

describe('ports that are left to chance', () => {
  const other = freshInstance();
  const ofOther = (choosePort: ChoosePort) => traefikWith(0, { instance: other, choosePort });
  afterAll(() => ofOther(freePort).remove(signal));

  test('one that another program has taken meanwhile is not insisted on', async () => {
    const taken = portOf(asleepPage);
    await traefikWith().remove(signal);
    traefik = await traefikWith(0, { choosePort: choosing(taken) }).ensure(signal);
    expect(traefik.ports.http).not.toBe(taken);
  });

  test("nor is the API's, where another factory's Traefik answers", async () => {
    const taken = traefik.ports.api;
    const free = await Promise.all([1, 2, 3].map(() => freePort()));
    const { ports } = await ofOther(choosing(...free, taken)).ensure(signal);
    expect(ports.api).not.toBe(taken);
  });

  test('it is given up in the end', async () => {
    const choosePort = vi.fn(async () => portOf(asleepPage));
    await ofOther(choosePort).remove(signal);
    await expect(ofOther(choosePort).ensure(signal)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    // Four ports, five times.
    expect(choosePort).toHaveBeenCalledTimes(20);
  });
});

function awake(host: string) {
  return { kind: 'awake', addresses: { ingress: host, api: { host, port: 6443 } } } as const;
}

async function get(host: string, path = '/'): Promise<{ status: number; body: string }> {
  const { stdout } = await run('curl', [
    ...['-sS', '--max-time', '30', '-w', '\\n%{http_code}', '-H', `Host: ${host}`],
    `http://127.0.0.1:${traefik.ports.http}${path}`,
  ]);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

/** What openssl says of a handshake for this name. */
async function handshake(port: number, name: string): Promise<string> {
  const child = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', name], {
    timeout: 30_000,
  });
  child.child.stdin?.end();
  return child.then(
    ({ stdout, stderr }) => stdout + stderr,
    (error) => `${error.stdout}${error.stderr}`,
  );
}

async function idOfTraefik(): Promise<string> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=traefik`];
  const [found] = await docker.listContainers({ all: true, filters: { label } });
  if (found === undefined) throw new Error('no Traefik');
  return found.Id;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
