import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StartFactory, StartRequest } from '../../composition/start-request.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { serve } from './serve.ts';

const ENDPOINTS = {
  ssh: { host: '127.0.0.1', port: 2345 },
  web: { url: 'http://127.0.0.1:8081' },
  routes: {
    http: { host: '127.0.0.1', port: 8001 },
    https: { host: '127.0.0.1', port: 8444 },
    kube: { host: '127.0.0.1', port: 6444 },
  },
};

const CONFIG = `
domain: lab.example.org
ssh: { listen: 127.0.0.1:0 }
web: { listen: 127.0.0.1:0 }
routes: { http: 127.0.0.1:0, https: 127.0.0.1:0, kube: 127.0.0.1:0 }
groups: [{ name: all, members: ["*", bob] }]
labs: [k3s]
log: { level: error }
`;

let folder: string;
let said: string[];
let surroundings: Surroundings;
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
  said = [];
  stop = new AbortController();
  surroundings = {
    env: { FACTORY_SETUP: join(folder, 'setup.json') },
    workingFolder: folder,
    home: folder,
    login: 'Al.Ice',
    say: (text) => said.push(text),
    complain: () => undefined,
  };
  await writeFile(
    join(folder, 'setup.json'),
    JSON.stringify({ k3d: '/opt/k3d', images: { node: 'n:1', traefik: 't:1' }, arriving: {}, pid: 1 }),
  );
  await writeFile(join(folder, 'factory.yaml'), CONFIG);
  await writeLab();
});
afterEach(() => rm(folder, { recursive: true }));

async function writeLab(): Promise<void> {
  await mkdir(join(folder, 'k3s'));
  await writeFile(join(folder, 'k3s/lab.yaml'), 'container: { image: lab }\n');
}

/** A factory that answers at once, and what was asked of it. */
function fakeFactory() {
  const requests: StartRequest[] = [];
  const stopped = vi.fn(async () => undefined);
  const start: StartFactory = async (request) => {
    requests.push(request);
    return { endpoints: ENDPOINTS, stop: stopped };
  };
  return { start, requests, stopped };
}

const OPTIONS = { config: 'factory.yaml', readyFile: 'ready.json' };

function run(start: StartFactory, options: Parameters<typeof serve>[0] = OPTIONS): Promise<void> {
  const clusterService = async () => ({ endpoints: { clusters: { url: 'unix:/x' } }, stop: async () => {} });
  return serve(options, surroundings, { factory: start, clusterService }, stop.signal);
}

const readyFile = () => join(folder, 'ready.json');

test('while it runs the ready file is there and the person knows what to type; both end with the stop', async () => {
  const { start, stopped } = fakeFactory();
  const running = run(start);
  const ready = await vi.waitFor(() => readFile(readyFile(), 'utf8'), 30_000);
  expect(JSON.parse(ready)).toEqual(ENDPOINTS);
  await expect.poll(() => said.join('\n')).toContain('    ssh -p 2345 bob@localhost\n');
  expect(stopped).not.toHaveBeenCalled();

  stop.abort();
  await running;
  expect(stopped).toHaveBeenCalledOnce();
  await expect(stat(readyFile())).rejects.toThrow('ENOENT');
  expect((await readdir(folder)).filter((name) => name.startsWith('ready'))).toEqual([]);
});

test('who has no key yet is told how to make one, and who has one is not', async () => {
  const noKey = run(fakeFactory().start);
  await expect.poll(() => said.join('\n')).toContain('ready');
  expect(said.join('\n')).toContain('    ssh-keygen -t ed25519\n');
  stop.abort();
  await noKey;

  said.length = 0;
  stop = new AbortController();
  await mkdir(join(folder, '.ssh'));
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, '.ssh/id_ed25519')]);
  const withKey = run(fakeFactory().start);
  await expect.poll(() => said.join('\n')).toContain('ready');
  expect(said.join('\n')).not.toContain('ssh-keygen');
  stop.abort();
  await withKey;
});

test('a ready file that has no folder is refused before anything starts', async () => {
  const { start, requests } = fakeFactory();
  const refused = run(start, { config: 'factory.yaml', readyFile: 'missing/ready.json' });
  await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(requests).toEqual([]);
});

test('a ready file that another factory wrote since is left alone', async () => {
  const running = run(fakeFactory().start);
  await vi.waitFor(() => stat(readyFile()), 30_000);
  await writeFile(readyFile(), 'theirs');
  stop.abort();
  await running;
  expect(await readFile(readyFile(), 'utf8')).toBe('theirs');
});

test('the set-up file fills in what the configuration leaves open', async () => {
  const { start, requests } = fakeFactory();
  stop.abort();
  await run(start);
  expect(requests[0]).toMatchObject({
    config: { images: { node: 'n:1', traefik: 't:1' } },
    k3d: '/opt/k3d',
    setupFile: join(folder, 'setup.json'),
  });
});

test.each(['{', '[]', '{"k3d": 3}', ''])('a set-up file that holds %j is ignored', async (text) => {
  await writeFile(join(folder, 'setup.json'), text);
  const { start, requests } = fakeFactory();
  stop.abort();
  await run(start);
  expect(requests[0]).toMatchObject({ k3d: 'k3d', k3dImages: undefined });
});

test('without a configuration it is a lab for the person, whose name is made a user name', async () => {
  const { start, requests } = fakeFactory();
  stop.abort();
  // The default ports may be taken on a machine that runs tests; then there is nothing to see.
  await run(start, {}).catch((error: unknown) => expect(error).toMatchObject({ code: 'PORT_IN_USE' }));
  expect(said[0]).toBe("Your login name Al.Ice can't be a user name here, so you are al-ice.");
  for (const { config } of requests) expect(config.identity).toEqual([{ kind: 'own', user: 'al-ice' }]);
});

describe('nothing is started', () => {
  test('with a mistake in the configuration', async () => {
    await writeFile(join(folder, 'factory.yaml'), 'domian: x\n');
    const { start, requests } = fakeFactory();
    await expect(run(start)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(requests).toEqual([]);
  });

  test('where a port is taken, and the message names its place and key', async () => {
    await using taken = await takenPort();
    await writeFile(
      join(folder, 'factory.yaml'),
      `ssh:\n  listen: 127.0.0.1:${taken.port}\n${CONFIG.replace(/ssh.*\n/, '')}`,
    );
    const { start, requests } = fakeFactory();
    await expect(run(start)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `factory.yaml:2:11: ssh.listen: another program listens on 127.0.0.1:${taken.port}; end it, or take another port`,
    });
    expect(requests).toEqual([]);
  });

  test('where another factory has the data folder', async () => {
    const first = run(fakeFactory().start);
    await vi.waitFor(() => stat(readyFile()), 30_000);
    const { start, requests } = fakeFactory();
    await expect(run(start, { config: 'factory.yaml' })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    expect(requests).toEqual([]);
    stop.abort();
    await first;
  });
});

test("the routes' ports are checked but for those that the factory's own Traefik holds", async () => {
  await using taken = await takenPort();
  await writeFile(
    join(folder, 'factory.yaml'),
    CONFIG.replace('http: 127.0.0.1:0', `http: 127.0.0.1:${taken.port}`),
  );
  const { start, requests } = fakeFactory();
  stop.abort();
  await run(start);
  await expect(requests[0]?.assertRoutePortsFree([taken.port])).resolves.toBeUndefined();
  await expect(requests[0]?.assertRoutePortsFree([])).rejects.toThrow(
    /^factory\.yaml:5:17: routes\.http: another program/,
  );
});

test('a start that fails is the failure of the command, and gives the data folder back', async () => {
  const failing: StartFactory = () =>
    Promise.reject(new FactoryError('DOCKER_UNAVAILABLE', 'Docker is away.'));
  await expect(run(failing)).rejects.toThrow('Docker is away.');
  stop.abort();
  await run(fakeFactory().start);
});

test('a start that is told to stop half-way ends in peace', async () => {
  const slow: StartFactory = async ({ stop: signal }) => {
    setImmediate(() => stop.abort());
    await once(signal, 'abort');
    throw signal.reason;
  };
  await run(slow);
});

async function takenPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
