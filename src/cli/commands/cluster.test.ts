import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../api/create-api.ts';
import { ASKED, BUSY, GROUPS } from '../../api/testing/access-matrix.ts';
import { goodToken } from '../../api/testing/caller-tokens.ts';
import { FakeClusters } from '../../api/testing/fake-clusters.ts';
import { serveApi } from '../../api/testing/served-api.ts';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { fixedGroups } from '../../groups/groups.ts';
import { toRecorded } from '../../history/published-event.ts';
import { eventAt } from '../../history/testing/some-event.ts';
import { parseInstanceId } from '../../names/instance-id.ts';
import { systemClock } from '../../time/clock.ts';
import { openTokens } from '../../tokens/open-tokens.ts';
import { runProgram } from '../testing/run-program.ts';

const logger = pino({ level: 'silent' });
const instance = parseInstanceId('abcd1234') ?? expect.fail();

let stack: AsyncDisposableStack;
let folder: string;
let clusters: FakeClusters;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'cluster-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), 'container: { image: hello }\n');
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.test\ndata: ./data\nlabs: [./labs]\ngroups: [{ name: all, members: ["*"] }]\n',
  );
  clusters = new FakeClusters();
  for (const key of BUSY) clusters.add(key, { sessions: 1 });
});
afterEach(() => stack.disposeAsync());

/** The factory of this machine: its control socket. */
async function startFactory(): Promise<void> {
  const data = join(folder, 'data');
  const tokens = stack.use(await openTokens({ data, instance, clock: systemClock, logger }));
  const api = createApi({
    target: clusters,
    verifier: tokens.verifier,
    jwks: () => tokens.jwks(),
    groups: fixedGroups(GROUPS),
    logger,
    clock: systemClock,
  });
  const path = controlSocket(data);
  const server = await startControlServer({ path, target: { ...IDLE_TARGET, tokens }, api, logger });
  stack.defer(() => server.close());
}

function factory(words: string, env: Record<string, string> = {}) {
  return runProgram(folder, ['cluster', ...words.split(' '), '-c', join(folder, 'factory.yaml')], env);
}

describe('over the control socket of this machine', () => {
  beforeEach(startFactory);

  test('lists and tells', async () => {
    const { said, error } = await factory('list');
    expect(error).toBeUndefined();
    expect(said.split('\n')[0]).toContain('CLUSTER');
    expect(said).toMatch(/^alice\/k3s +running .* 1 +http:\/\/alice\.lab\.example\.org$/m);
    expect((await factory('list --user bob')).said).not.toContain('alice');
    const { said: status } = await factory('status alice/k3s');
    expect(status).toMatch(/^alice\/k3s is running, for .*; 1 session; .*, 0\.05 cores$/m);
    expect(status).toMatch(/^server-0 +ready +v1\.35\.0\+k3s1 +10\.209\.0\.2/m);
    expect(JSON.parse((await factory('status alice/k3s --json')).said)).toMatchObject({ ready: true });
  });

  test('gives orders under the name of who types them', async () => {
    clusters.before = async ({ kind }) => {
      if (kind !== 'cluster_start') return;
      clusters.setPhase(ASKED, {
        kind: 'working',
        action: 'start',
        step: 'waiting for DNS',
        since: Date.now(),
        overdueAt: Date.now() + 60_000,
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const words = ['suspend', 'stop', 'start', 'reset --yes', 'delete --yes'];
    const said: string[] = [];
    for (const each of words) {
      const [kind = '', ...rest] = each.split(' ');
      const outcome = await factory([kind, 'alice/k3s', ...rest].join(' '));
      expect(outcome.error).toBeUndefined();
      said.push(outcome.said.split(',')[0] ?? '');
      if (kind === 'start') expect(outcome.complained).toBe('cluster: start, waiting for DNS');
    }
    const states = ['suspended', 'stopped', 'running', 'running', 'absent'];
    expect(said).toEqual(states.map((state) => `alice/k3s is ${state}`));
    await factory('node stop alice/k3s agent-0');
    await factory('node start alice/k3s agent-0');
    expect(clusters.given.map(({ command, by }) => [command.kind, by])).toEqual(
      [
        'cluster_suspend',
        'cluster_stop',
        'cluster_start',
        'reset',
        'cluster_delete',
        'node_stop',
        'node_start',
      ].map((kind) => [kind, 'ida']),
    );
  });

  test('waits for so long and not longer, and says that the order stays', async () => {
    clusters.before = (_command, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const { error } = await factory('stop alice/k3s --timeout 200ms');
    expect(error).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('cluster status alice/k3s'),
    });
  });

  test('prints a kubeconfig, logs and events', async () => {
    clusters.tell = async function* () {
      yield toRecorded({ id: 1, event: eventAt(1, ASKED) });
    };
    expect((await factory('kubeconfig alice/k3s')).said).toContain('of alice/k3s for outside');
    expect((await factory('logs alice/k3s -n 1')).said).toBe(
      '== server-0 (running)\nthree\n== the last failure, 2026-11-28T10:00:00.000Z\nit failed',
    );
    expect(JSON.parse((await factory('events alice/k3s --json')).said)).toMatchObject({ id: 1 });
    expect((await factory('events alice/k3s')).said).toContain('alice/k3s');
  });

  test('tells why not', async () => {
    expect((await factory('status nobody/k3s')).error).toMatchObject({ code: 'WORKSPACE_UNKNOWN' });
    expect((await factory('reset alice/k3s --json')).complained).toContain('give --yes as well');
    expect((await factory('node stop alice/k3s postgres')).complained).toContain('such as agent-0');
    expect((await factory('status alice')).complained).toContain('user/lab');
  });
});

describe('of a server', () => {
  test('is what the token allows: from a file, or out of the environment', async () => {
    const served = stack.use(await serveApi());
    const token = await goodToken(
      { role: 'instructor', name: 'grace', groups: ['other-class'] },
      served.mint,
    );
    await writeFile(join(folder, 'grace.token'), `${token}\n`);
    const { said, error } = await factory(`list --server ${served.url} --token-file ${folder}/grace.token`);
    expect(error).toBeUndefined();
    expect(said).toContain('bob/k3s');
    expect(said).not.toContain('alice');
    const other = await factory(`status alice/k3s --server ${served.url}`, { FACTORY_TOKEN: token });
    expect(other.error).toMatchObject({ code: 'WORKSPACE_UNKNOWN' });
  });

  test.each([
    ['list --server http://127.0.0.1:1', { FACTORY_TOKEN: 'x' }, 'API_UNREACHABLE'],
    ['list --server http://127.0.0.1:1', {}, 'TOKEN_REFUSED'],
    ['list --server http://127.0.0.1:1 --token-file /nowhere', {}, 'TOKEN_REFUSED'],
    ['list --server lab.example.org', { FACTORY_TOKEN: 'x' }, 'REQUEST_INVALID'],
  ])('%s with %j is %s', async (words, env, code) => {
    expect((await factory(words, env)).error).toMatchObject({ code });
  });
});

test('without a factory it says so', async () => {
  expect((await factory('list')).error).toMatchObject({ code: 'NOT_RUNNING' });
});
