import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LAUNCH } from '../containerssh/testing/memory-fronts.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { MOST_WRONG_TOKENS } from '../http/wrong-tokens.ts';
import { NOTHING_GIVEN } from '../labs/lab-definition.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import { ALICE } from '../tokens/testing/some-tokens.ts';
import type { Clusters } from '../workspaces/ports/clusters.ts';
import { key, lab } from '../workspaces/testing/harness.ts';
import { ClusterClient } from './cluster-client.ts';
import { OPERATIONS } from './operations.ts';
import type { RemoteBackend } from './remote-backend.ts';
import { STREAMS_PATH } from './streams/channels.ts';
import { MemoryHost } from './testing/memory-host.ts';
import { ServicePair } from './testing/service-pair.ts';

const LIMIT = 10_000;
const signal = () => AbortSignal.timeout(LIMIT);
const definition = lab.cluster;
if (definition === undefined) throw new Error('a lab with a cluster');

let memory: MemoryHost;
let pair: ServicePair;
let backend: RemoteBackend;
let clusters: Clusters;

beforeEach(async () => {
  memory = new MemoryHost();
  pair = await ServicePair.start({ host: memory.host });
  backend = await pair.client();
  clusters = backend.clusters;
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await memory[Symbol.asyncDispose]();
});

const create = (steps: string[] = [], stop = signal()) =>
  clusters.create(key, definition, NOTHING_GIVEN, (step) => steps.push(step), stop);

/** Resolves when the creation has begun on the other side. */
const begun = (times = 1) => expect.poll(() => memory.begun).toHaveLength(times);

test('a cluster goes through all its states, and each is seen', async () => {
  const steps: string[] = [];
  await create(steps);
  expect(steps).toEqual(['creating node']);
  const seen = [await clusters.observe(key, signal())];
  for (const step of ['suspend', 'resume', 'stop', 'start', 'setAside', 'remove'] as const) {
    if (step === 'resume' || step === 'start') await clusters[step](key, () => {}, signal());
    else await clusters[step](key, signal());
    seen.push(await clusters.observe(key, signal()));
  }
  expect(seen).toEqual(['running', 'suspended', 'running', 'stopped', 'running', 'absent', 'absent']);
  expect(memory.world.violations).toEqual([]);
});

test('what a step fails with is the same on this side, and so is its id', async () => {
  memory.world.cluster.faults.push('fails');
  const error = await create().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FactoryError);
  expect(error).toMatchObject({ code: 'DOCKER_FAILED', message: 'create failed' });
});

test('a lab that the service does not know is not made, whatever the gateway says of it', async () => {
  const other = parseWorkspaceKey('alice', 'other');
  if (other === undefined) throw new Error('a key');
  const refused = clusters.create(other, definition, NOTHING_GIVEN, () => {}, signal());
  await expect(refused).rejects.toMatchObject({ code: 'LAB_UNKNOWN' });
  expect(memory.begun).toEqual([]);
});

describe('what is too much to ask', () => {
  const large = 'x'.repeat(32 * 1024);
  test.each([
    ['values', { 'cluster-name': large, b: `${large}x` }],
    ['values together', { a: large, b: large, c: large }],
  ])('%s', async (_what, values) => {
    const refused = clusters.create(key, definition, { values }, () => {}, signal());
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(memory.begun).toEqual([]);
  });

  test.each([
    ['a file that is too large', [{ path: '/x', content: Buffer.alloc(8 * 2 ** 20 + 3) }]],
    ['a path that is relative', [{ path: 'x', content: Buffer.of() }]],
    ['too many files', Array.from({ length: 1_001 }, () => ({ path: '/x', content: Buffer.of() }))],
  ])('%s', async (_what, files) => {
    const put = backend.runtime.putFiles(
      key,
      'id',
      files.map((file) => ({ ...file, mode: 0o644, owner: undefined })),
      signal(),
    );
    await expect(put).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('what fits is made', async () => {
    await clusters.create(key, definition, { values: { a: large } }, () => {}, signal());
    const file = { path: '/x', content: Buffer.alloc(8 * 2 ** 20), mode: 0o644, owner: undefined };
    await backend.runtime.putFiles(key, 'id', [file], signal());
    expect(memory.begun).toEqual(['create']);
  });
});

describe('a connection that breaks', () => {
  test('in the middle of an operation is made again, and the operation goes on', async () => {
    memory.world.cluster.faults.push('is slow');
    const made = create();
    await begun();
    for (let cuts = 0; cuts < 5; cuts += 1) {
      pair.cut();
      await delay(60);
    }
    await made;
    expect(memory.begun).toEqual(['create']);
    expect(memory.world.cluster.state).toBe('running');
  });

  test('as the operation ends costs nothing: its outcome is kept', async () => {
    const made = create();
    await begun();
    await memory.clock.advance(7_900);
    pair.cut();
    await made;
    expect(memory.begun).toEqual(['create']);
  });

  test('for a question is asked again', async () => {
    pair.cut();
    expect(await clusters.observe(key, signal())).toBe('absent');
  });
});

test.each(['killService', 'stopService'] as const)(
  '%s in the middle, and the one that is started then begins anew',
  async (end) => {
    memory.world.cluster.faults.push('hangs');
    const made = create();
    await begun();
    await pair[end]();
    // What is left half done the real one removes by itself.
    memory.world.cluster.state = 'absent';
    await pair.startService();
    await made;
    expect(memory.begun).toEqual(['create', 'create']);
    expect(memory.world.violations).toEqual([]);
  },
);

test('a service that is gone is an error before long', async () => {
  await pair.stopService();
  await expect(create()).rejects.toMatchObject({ code: 'CLUSTER_SERVICE_UNREACHABLE' });
  await expect(clusters.observe(key, signal())).rejects.toMatchObject({
    code: 'CLUSTER_SERVICE_UNREACHABLE',
  });
});

test('what is called off ends on the other side, and only then here', async () => {
  memory.world.cluster.faults.push('hangs');
  const stop = new AbortController();
  const made = create([], stop.signal);
  await begun();
  stop.abort(new Error('enough'));
  await expect(made).rejects.toThrow('enough');
  // It would be a violation if the first one were still about.
  await clusters.remove(key, signal());
  expect(memory.world.violations).toEqual([]);
  expect(memory.world.cluster.state).toBe('absent');
});

describe('a gateway that is killed', () => {
  test('leaves an operation that ends by itself before long', async () => {
    memory.world.cluster.faults.push('hangs');
    const made = create().catch((error: unknown) => error);
    await begun();
    await backend[Symbol.asyncDispose]();
    await made;
    clusters = (await pair.client()).clusters;
    expect(await clusters.observe(key, signal())).toBe('incomplete');
    await vi.waitFor(async () => {
      await memory.world.clusters(key).remove(key, signal());
      expect(memory.world.cluster.done).toContain('remove');
    }, 30_000);
  });

  test('and comes back: its next step ends what was left, and waits for that', async () => {
    memory.world.cluster.faults.push('hangs');
    const made = create().catch((error: unknown) => error);
    await begun();
    await backend[Symbol.asyncDispose]();
    await made;
    clusters = (await pair.client()).clusters;
    await clusters.remove(key, signal());
    await create();
    expect(memory.begun).toEqual(['create', 'remove', 'create']);
    expect(memory.world.violations).toEqual([]);
  });
});

test('what happens is told, and told anew after a break', async () => {
  const changes: string[] = [];
  const onConnected = vi.fn();
  const stop = new AbortController();
  const followed = backend.follow({ onChange: ({ user }) => changes.push(user), onConnected }, stop.signal);
  await expect.poll(() => onConnected).toHaveBeenCalledTimes(1);
  for (const watcher of memory.watchers) watcher.onChange(key);
  await expect.poll(() => changes).toEqual(['alice']);
  pair.cut();
  await expect.poll(() => onConnected).toHaveBeenCalledTimes(2);
  await expect.poll(() => memory.watchers.size).toBe(1);
  stop.abort();
  await followed;
  await expect.poll(() => memory.watchers.size).toBe(0);
});

describe('who has no token of the gateway', () => {
  const asked = async (authorization: string) => {
    await using client = new ClusterClient({
      ...pair.clientOptions(),
      authorization: async () => authorization,
    });
    return await client.read(OPERATIONS.clusters.list, {}, signal());
  };

  const askedForStream = async (authorization: string): Promise<IncomingMessage> => {
    const { address } = pair.clientOptions();
    const socketPath = address.kind === 'socket' ? address.path : expect.fail('a socket');
    const headers = { connection: 'upgrade', upgrade: 'websocket', authorization };
    const asking = request({ socketPath, path: STREAMS_PATH, headers, signal: signal() });
    asking.end();
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    return answer?.resume() ?? expect.fail('an answer');
  };

  test('is refused, and one with it is not', async () => {
    const issue = (principal: typeof ALICE, audience = AUDIENCE.clusterService) =>
      pair.issuer.issue(principal, audience, 60_000);
    const mine = await issue({ role: 'gateway', name: 'gateway' });
    const student = await issue(ALICE);
    const elsewhere = await pair.issuer.issue({ role: 'gateway', name: 'gateway' }, AUDIENCE.api, 60_000);
    expect(await asked(`Bearer ${mine.token}`)).toEqual([]);
    await expect(asked(`Bearer ${student.token}`)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await expect(asked(`Bearer ${elsewhere.token}`)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    await expect(asked(`Bearer ${mine.token}x`)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    await expect(asked('Basic eDp5')).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  test('and asks again and again is told to stop, by streams as well, while one with it is served', async () => {
    for (let time = 0; time < MOST_WRONG_TOKENS; time += 1) {
      await expect(asked('Bearer wrong')).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    }
    await expect(asked('Bearer wrong')).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    const { statusCode, headers } = await askedForStream('Bearer wrong');
    expect([statusCode, headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect(await clusters.observe(key, signal())).toBe('absent');
  });
});

test('the containers of a front are seen, get the kubeconfig of their own workspace, and are removed', async () => {
  const connection = {
    id: 'c'.repeat(32),
    key,
    clientAddress: '192.0.2.7:50122',
    clientProgram: 'SSH-2.0-x',
  };
  const id = memory.fronts.make(connection);
  const { fronts } = backend;
  expect(await fronts.list(signal())).toEqual([
    { id, connection, state: 'running', busy: true, cutOff: false },
  ]);
  expect(await fronts.launch(connection, { A: 'b' }, signal())).toEqual({ ...LAUNCH, env: { A: 'b' } });
  await fronts.putKubeconfig({ id, key }, 'another one', signal());
  const { kubeconfig } = await memory.host.clusters.attachment(key, signal());
  expect([...memory.fronts.kubeconfigs]).toEqual([[id, kubeconfig]]);
  await expect(fronts.remove('no-id', signal())).rejects.toThrow();
  await fronts.remove(id, signal());
  expect(memory.fronts.removed).toEqual([id]);
});
