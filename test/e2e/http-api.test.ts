import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clusterSchema, progressSchema } from '../../src/api/cluster-schema.ts';
import { readMessages } from '../../src/http/server-sent-events.ts';
import { docker } from './harness/docker.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { hostKubectl } from './harness/host-kubectl.ts';
import { joinKubeconfigs } from './harness/kubeconfig.ts';
import { Workspace } from './harness/workspace.ts';

describe('the HTTP API of a running factory', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    factory = stack.use(await Factory.start({ labs: { plain: PLAIN_LAB } }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${factory.endpoints.web.url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE) });

  test('lets in who has a token, on the web server and on the control socket, and nobody else', async () => {
    const made = await runFactory(factory.folder, ['token', 'create', '--role', 'admin', '--name', 'dave']);
    const authorization = `Bearer ${made.stdout.trim()}`;
    expect((await get('/api/v1/clusters')).status).toBe(401);
    const listed = await get('/api/v1/clusters', { authorization });
    expect([listed.status, await listed.json()]).toEqual([200, { clusters: [] }]);
    const { code, stdout } = await runFactory(factory.folder, ['cluster', 'list', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([0, { clusters: [] }]);
    const revoked = await runFactory(factory.folder, ['token', 'revoke', '--name', 'dave']);
    expect(revoked.code).toBe(0);
    expect((await get('/api/v1/clusters', { authorization })).status).toBe(401);
  });

  test('describes itself, and publishes its keys, to whoever asks', async () => {
    expect(await (await get('/api/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' });
    expect(await (await get('/api/v1/jwks.json')).json()).toMatchObject({
      keys: [{ kty: 'OKP', alg: 'EdDSA' }],
    });
  });
});

/** In the lab container: the kubeconfig that carol was given for it. */
const COPY = '/tmp/carol.yaml';

/** Longer than a cluster takes to come up on a busy machine; ms. */
const LONG = 200_000;

describe('the orders of an instructor over HTTP, in turn', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let workspace: Workspace;
  /** Of alice's group, and of another one. */
  let carol: string;
  let erin: string;

  beforeAll(async () => {
    factory = stack.use(
      await Factory.start({
        // Nobody is in the workspace: it must not go to sleep under the test.
        grace: '30m',
        labs: { k3s: { ...CLUSTER_LAB, cluster: { agents: 1 } } },
        groups: [
          { name: 'class-a', members: ['alice'], labs: ['k3s'] },
          { name: 'class-b', members: ['bob'], labs: ['k3s'] },
        ],
      }),
    );
    workspace = new Workspace(factory, 'alice');
    [carol, erin] = await Promise.all([tokenOf('carol', 'class-a'), tokenOf('erin', 'class-b')]);
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  async function tokenOf(name: string, group: string): Promise<string> {
    const args = ['--role', 'instructor', '--name', name, '--group', group, '--for', '1h'];
    const { code, stdout } = await runFactory(factory.folder, ['token', 'create', ...args]);
    expect(code).toBe(0);
    return stdout.trim();
  }

  function ask(token: string, method: string, below = '', accept = 'application/json'): Promise<Response> {
    return fetch(`${factory.endpoints.web.url}/api/v1/clusters/alice/k3s${below}`, {
      method,
      headers: { authorization: `Bearer ${token}`, accept },
      signal: AbortSignal.timeout(LONG),
    });
  }

  /** What carol is told of the cluster when her order is carried out. */
  async function ordered(method: string, below = '') {
    const answer = await ask(carol, method, below);
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    return clusterSchema.parse(JSON.parse(text));
  }

  /** In Docker's words: the server, and the agent. */
  async function nodes(): Promise<readonly string[]> {
    const found = await workspace.containers('node');
    const stateOf = (name: string) => found.find(({ Name }) => Name.endsWith(name))?.State.Status ?? 'none';
    return ['server-0', 'agent-0'].map(stateOf);
  }

  /** Tries every order there is; nothing may come of it. */
  async function expectRefused(token: string): Promise<void> {
    const lives = async () =>
      (await workspace.containers())
        .map(({ Id, State }) => `${Id} ${State.Status} ${State.StartedAt}`)
        .sort();
    const before = await lives();
    const asked = await Promise.all([
      ask(token, 'PUT', '', 'text/event-stream'),
      ask(token, 'PUT', '?wait=5s'),
      ...['/suspend', '/stop', '/reset', '/nodes/agent-0/stop', '/nodes/agent-0/start'].map((below) =>
        ask(token, 'POST', below),
      ),
      ask(token, 'DELETE'),
      ...['container', 'outside'].map((place) => ask(token, 'GET', `/kubeconfig?for=${place}`)),
    ]);
    for (const answer of asked) {
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'WORKSPACE_UNKNOWN' }]);
    }
    expect(await lives()).toEqual(before);
  }

  test('the first one for a workspace tells what is done for it; who teaches others makes nothing', async () => {
    await expectRefused(erin);
    expect(await workspace.containers()).toEqual([]);

    const answer = await ask(carol, 'PUT', '', 'text/event-stream');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const body = answer.body ?? expect.fail('a body');
    const steps: string[] = [];
    let last: unknown;
    for await (const { event, data } of readMessages(body.pipeThrough(new TextDecoderStream()))) {
      if (event === 'progress') {
        const { part, action } = progressSchema.parse(data);
        steps.push(`${part}: ${action}`);
      }
      last = [event, data];
    }
    expect(steps).toContain('container: create');
    expect(steps.filter((step) => step === 'cluster: create').length).toBeGreaterThan(1);
    expect(last).toMatchObject(['ready', { user: 'alice', state: 'running', ready: true }]);
    expect(await nodes()).toEqual(['running', 'running']);
    await expectRefused(erin);
  });

  test('suspend, and have it back', async () => {
    const asleep = await ordered('POST', '/suspend');
    expect(asleep).toMatchObject({ state: 'suspended', cpu_cores: 0 });
    expect(asleep.nodes?.map(({ cpu_cores }) => cpu_cores)).toEqual([0, 0]);
    expect(await nodes()).toEqual(['paused', 'paused']);
    await expectRefused(erin);
    expect(await ordered('PUT', '?wait=3m')).toMatchObject({ state: 'running', ready: true });
    expect(await nodes()).toEqual(['running', 'running']);
  });

  test('a kubeconfig for the lab container, and one for elsewhere; kubectl takes either in its place', async () => {
    const [inside, outside] = await Promise.all(
      ['container', 'outside'].map(async (place) =>
        (await ask(carol, 'GET', `/kubeconfig?for=${place}`)).text(),
      ),
    );
    if (inside === undefined || outside === undefined) throw new Error('two kubeconfigs');
    const words = `cat >${COPY} && kubectl --kubeconfig ${COPY} --request-timeout=60s get nodes`;
    const { Id } = await workspace.labContainer();
    const answers = { what: 'the API answers' };
    const insideNodes = await eventually(
      () => docker(['exec', '--interactive', Id, 'sh', '-c', words], { input: inside }),
      answers,
    );
    expect(insideNodes).toMatch(/agent-0/);
    const file = join(factory.folder, 'outside.yaml');
    const { kube } = factory.endpoints.routes;
    await writeFile(file, joinKubeconfigs({ cluster: outside, user: outside }, kube));
    expect(await eventually(() => hostKubectl(file, 'get', 'nodes'), answers)).toMatch(/server-0/);
  });

  test('lose an agent, and have it back', async () => {
    const without = await ordered('POST', '/nodes/agent-0/stop');
    expect(without.nodes?.map(({ state }) => state)).toEqual(['running', 'taken_down']);
    expect(without.cpu_cores).not.toBeNull();
    expect(without.cpu_cores).toBe(without.nodes?.[0]?.cpu_cores);
    expect(await nodes()).toEqual(['running', 'exited']);
    const back = await ordered('POST', '/nodes/agent-0/start');
    expect(back.nodes?.map(({ state }) => state)).toEqual(['running', 'running']);
    // A status does not wait for Kubernetes where that is slow.
    const { Id } = await workspace.labContainer();
    const words = ['kubectl', '--kubeconfig', COPY, '--request-timeout=60s', 'get', 'node'];
    const listed = await eventually(() => docker(['exec', Id, ...words, '--no-headers']), {
      what: 'the API answers',
    });
    expect(listed).toMatch(/agent-0\s+Ready\s/);
  });

  test('the same from the command line of any machine, and deleted at last', async () => {
    const file = join(factory.folder, 'carol.token');
    await writeFile(file, carol, { mode: 0o600 });
    const there = ['--server', factory.endpoints.web.url, '--token-file', file];
    const stopped = await runFactory(factory.folder, ['cluster', 'stop', 'alice/k3s', '--json', ...there]);
    expect(stopped).toMatchObject({ code: 0, stderr: '' });
    expect(clusterSchema.parse(JSON.parse(stopped.stdout))).toMatchObject({ state: 'stopped' });
    expect(await nodes()).toEqual(['exited', 'exited']);
    expect(await ordered('DELETE')).toMatchObject({ state: 'absent', nodes: [] });
    expect(await workspace.containers('node')).toEqual([]);
  });
});
