import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { PROBLEM_TYPE } from '../http/problem.ts';
import { parseJson } from '../json/parse-json.ts';
import { spoiltJson } from '../json/testing/spoilt-json.ts';
import { Tally } from '../json/testing/tally.ts';
import { createLabCatalogue } from '../labs/lab-catalogue.ts';
import { plainLabs } from '../labs/testing/plain-labs.ts';
import type { ExecStream } from '../workspaces/ports/runtime.ts';
import { key, lab } from '../workspaces/testing/harness.ts';
import { OPERATIONS } from './operations.ts';
import { problemSchema } from './problem.ts';
import { CHANNEL, STREAMS_PATH, SUBPROTOCOL } from './streams/channels.ts';
import { MemoryHost } from './testing/memory-host.ts';
import { ServicePair } from './testing/service-pair.ts';

const LIMIT = 20_000;
const id = '0123456789abcdef'.repeat(4);
const circumstances = { known: [key], routed: [key], live: [], working: [] };
const connection = { id: 'c1', key, clientAddress: '192.0.2.7:50122', clientProgram: 'SSH-2.0-x' };
const file = { path: '/home/lab/x', content: 'aGVsbG8=', mode: 0o644, owner: null };

/** Of the bodies that are more than `{"key":…}`. */
const BODIES: Readonly<Record<string, object>> = {
  'backend.open': {},
  'backend.memory': {},
  'backend.revive-proxy': {},
  'backend.garbage': { circumstances },
  'backend.collect-garbage': {
    circumstances,
    item: { kind: 'volume', name: 'lab-alice' },
  },
  'runtime.list': {},
  'runtime.create': { key, values: { a: 'b' }, authorizedKey: 'ssh-ed25519 AAAA' },
  'runtime.erase': { key, home: false },
  'runtime.put-files': { key, id: 'cfg_1', files: [file] },
  'clusters.list': {},
  'clusters.logs': { key, lines: 10 },
  'clusters.create': { key, values: { a: 'b' } },
  'clusters.stop-node': { key, node: 'agent-0' },
  'clusters.start-node': { key, node: 'agent-0' },
  'fronts.list': {},
  'fronts.launch': { connection, env: { A: 'b' } },
  'fronts.put-kubeconfig': { key, id },
  'fronts.remove': { id },
};

const ALL = Object.values(OPERATIONS).flatMap((operations) =>
  Object.values(operations).map(({ name, kind }) => ({ name, kind, valid: BODIES[name] ?? { key } })),
);

let memory: MemoryHost;
let pair: ServicePair;
let pool: Pool;
/** How often something was asked of the host or of its labs, which comes after all checks of what is asked. */
let done = 0;
let resized: (size: readonly [number, number]) => void;
let authorization: string;

beforeAll(async () => {
  memory = new MemoryHost();
  const runtime = { ...memory.host.runtime, exec: async () => quietExec() };
  const host = { ...memory.host, runtime };
  const labs = plainLabs(createLabCatalogue([lab]));
  pair = await ServicePair.start({
    get host() {
      done += 1;
      return host;
    },
    labs: {
      resolve: (...asked) => {
        done += 1;
        return labs.resolve(...asked);
      },
    },
  });
  pool = new Pool('http://service', { socketPath: socketPath() });
  authorization = await pair.clientOptions().authorization();
});
afterAll(async () => {
  await pool.destroy();
  await pair[Symbol.asyncDispose]();
  await memory[Symbol.asyncDispose]();
});

function socketPath(): string {
  const { address } = pair.clientOptions();
  return address.kind === 'socket' ? address.path : expect.fail('a socket');
}

/** A command that says nothing and goes on. */
function quietExec(): ExecStream {
  const ended = Promise.withResolvers<number>();
  return {
    stdin: new PassThrough().resume(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    resize: async (columns, rows) => resized([columns, rows]),
    exit: () => ended.promise,
    close: () => ended.resolve(0),
  };
}

async function ask(name: string, body: string) {
  const answer = await pool.request({
    method: 'POST',
    path: `/v1/operations/${name}`,
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body,
    signal: AbortSignal.timeout(LIMIT),
  });
  return { status: answer.statusCode, type: answer.headers['content-type'], body: answer.body };
}

test('an operation whose body is nearly right is carried out or refused by a problem', async () => {
  const tally = new Tally();
  const some = fc
    .constantFrom(...ALL)
    .chain((operation) => fc.tuple(fc.constant(operation), spoiltJson(fc.constant(operation.valid))));
  await fc.assert(
    fc.asyncProperty(some, async ([{ name, kind }, { text }]) => {
      done = 0;
      const { status, type, body } = await ask(name, text);
      tally.add(`${status}`);
      expect([200, 400]).toContain(status);
      if (status === 400) {
        expect(type).toContain(PROBLEM_TYPE);
        expect(problemSchema.parse(await body.json()).code).toBe('REQUEST_INVALID');
        expect(done).toBe(0);
        return;
      }
      if (kind === 'read') expect(await body.json()).toMatchObject({ operation: name });
      else body.on('error', () => {}).destroy();
      // A long one may have to wait until the one before it is over.
      const giveUp = Date.now() + LIMIT;
      while (done === 0 && Date.now() < giveUp) await delay(1);
      expect(done).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
  for (const { name, valid } of ALL) {
    const { status, body } = await ask(name, JSON.stringify(valid));
    expect([name, status]).toEqual([name, 200]);
    expect([name, await body.text()]).toEqual([
      name,
      expect.not.stringMatching('UNEXPECTED|REQUEST_INVALID'),
    ]);
  }
  process.stdout.write(`bodies of operations, by status: ${tally}\n`);
  expect(tally.rarerThan({ 200: 0.05, 400: 0.3 })).toEqual([]);
});

test('a body of many MiB that is nothing but mistakes is one short refusal', async () => {
  const mistakes = Array.from({ length: 100_000 }, (_, index) => `"${index}${'x'.repeat(60)}":0`);
  const { status, body } = await ask('backend.memory', `{${mistakes.join()}}`);
  expect([status, problemSchema.parse(await body.json()).code]).toEqual([400, 'REQUEST_INVALID']);
  const keys = JSON.stringify({
    circumstances: { ...circumstances, known: Array(200_000).fill({ user: '' }) },
  });
  const many = await ask('backend.garbage', keys);
  expect([many.status, problemSchema.parse(await many.body.json()).code]).toEqual([400, 'REQUEST_INVALID']);
  expect((await ask('backend.memory', '{}')).status).toBe(200);
});

async function connect(stack: DisposableStack): Promise<WebSocket> {
  const socket = new WebSocket(`ws+unix:${socketPath()}:${STREAMS_PATH}`, SUBPROTOCOL, {
    headers: { authorization },
  });
  stack.defer(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

/** What the service says to what was sent: the kind of its status, or how it closes. */
async function answerOf(socket: WebSocket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('close', (code) => resolve(`closed ${code}`));
  socket.on('message', (data: Buffer) => {
    if (data[0] !== CHANNEL.status) return;
    const { kind } = JSON.parse(data.toString('utf8', 1));
    resolve(String(kind));
  });
  return promise;
}

const EXEC = { open: 'exec', key, command: ['bash', '-l'], pty: { columns: 80, rows: 24, term: 'xterm' } };
const REQUESTS = [
  EXEC,
  { ...EXEC, pty: null },
  { open: 'sshd', key, authorizedKey: 'ssh-ed25519 AAAA', env: { LANG: 'C.UTF-8' } },
];

test('a stream whose request is nearly right is opened, or closed as none of ours', async () => {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(spoiltJson(fc.constantFrom(...REQUESTS)), async ({ text }) => {
      using stack = new DisposableStack();
      done = 0;
      const socket = await connect(stack);
      socket.send(text);
      const answer = await answerOf(socket);
      tally.add(answer);
      expect(['open', 'closed 1002']).toContain(answer);
      expect(done).toBe(answer === 'open' ? 1 : 0);
    }),
    { numRuns: 250 },
  );
  process.stdout.write(`requests of streams: ${tally}\n`);
  expect(tally.rarerThan({ open: 0.06, 'closed 1002': 0.3 })).toEqual([]);
});

test('the size of a terminal that is nearly right is taken, or ends the stream', async () => {
  const tally = new Tally();
  const valid = fc.record({ columns: fc.nat(65_535), rows: fc.nat(65_535) });
  await fc.assert(
    fc.asyncProperty(spoiltJson(valid), async ({ text }) => {
      using stack = new DisposableStack();
      const taken = new Promise<readonly [number, number]>((resolve) => {
        resized = resolve;
      });
      const socket = await connect(stack);
      socket.send(JSON.stringify(EXEC));
      expect(await answerOf(socket)).toBe('open');
      const closed = once(socket, 'close').then(([code]) => `closed ${code}`);
      socket.send(Buffer.concat([Buffer.of(CHANNEL.resize), Buffer.from(text)]));
      const answer = await Promise.race([closed, taken]);
      tally.add(typeof answer === 'string' ? answer : 'taken');
      if (typeof answer === 'string') {
        expect(answer).toBe('closed 1002');
      } else {
        const [columns, rows] = answer;
        expect({ columns, rows }).toEqual(parseJson(text));
      }
    }),
    { numRuns: 200 },
  );
  process.stdout.write(`sizes of terminals: ${tally}\n`);
  expect(tally.rarerThan({ taken: 0.04, 'closed 1002': 0.3 })).toEqual([]);
});
