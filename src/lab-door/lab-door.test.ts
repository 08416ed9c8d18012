import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { spoiltJson } from '../json/testing/spoilt-json.ts';
import { Tally } from '../json/testing/tally.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import type { Principal } from '../tokens/principal.ts';
import type { TokenIssuer, TokenVerifier } from '../tokens/tokens.ts';
import { createLabDoor } from './lab-door.ts';

type Door = Awaited<ReturnType<typeof createLabDoor>>;

const alice = key('alice', 'k3s');
const bob = key('bob', 'k3s');
const doors: Door[] = [];
let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()));
});

function key(user: string, lab: string): WorkspaceKey {
  const parsed = parseWorkspaceKey(user, lab);
  if (parsed === undefined) throw new Error('not a workspace');
  return parsed;
}

/** A token is the principal itself. */
const tokens: TokenIssuer & TokenVerifier = {
  issue: async (principal) => ({
    token: Buffer.from(JSON.stringify(principal)).toString('base64url'),
    expiresAt: 300_000,
  }),
  async verify(token) {
    const principal = principals.find((each) => tokenOf(each) === token);
    if (principal === undefined) throw new FactoryError('TOKEN_REFUSED', 'no');
    return { principal, issuedAt: 0, expiresAt: 1 };
  },
};
const principals: readonly Principal[] = [
  { role: 'student', key: alice },
  { role: 'student', key: bob },
  { role: 'student', key: key('alice', 'other') },
  { role: 'instructor', name: 'ina', groups: [] },
  { role: 'admin', name: 'ada' },
];
const tokenOf = (principal: Principal) => Buffer.from(JSON.stringify(principal)).toString('base64url');

async function openDoor(run: RunClusterCommand = async () => 0): Promise<Door> {
  const addApi = (app: FastifyInstance) => void app.get('/api/v1/clusters', () => ({ clusters: [] }));
  const logger = pino({ level: 'silent' });
  const door = await createLabDoor({
    folder: '/run/lab',
    run,
    issuer: tokens,
    verifier: tokens,
    addApi,
    clock,
    logger,
  });
  doors.push(door);
  return door;
}

function connect(door: Door, workspace = alice): Duplex {
  const [ours, theirs] = duplexPair();
  door.connect(workspace, theirs);
  return ours;
}

/** The status and the body of the answer, which ends the stream. */
async function request(
  door: Door,
  line: string,
  { headers = {}, body = Buffer.alloc(0), workspace = alice }: RequestOptions = {},
) {
  const stream = connect(door, workspace);
  const head = Object.entries({ ...headers, 'content-length': body.length });
  stream.write(`${line} HTTP/1.0\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  stream.write(body);
  const answer = await text(stream);
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  return { status: Number(status), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
}

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly workspace?: WorkspaceKey;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const WORDS_TYPE = { 'content-type': 'application/octet-stream' };

test('a command is carried out for the workspace of the stream, and its lines are told apart', async () => {
  const door = await openDoor(async (workspace, args, { print, note, name }) => {
    print(`${name} ${formatWorkspaceKey(workspace)}\n\nlast\n`);
    note(args.join('|'));
    return 3;
  });
  const body = Buffer.from(JSON.stringify({ args: ['node', 'list'] }));
  expect(await request(door, 'POST /cluster', { headers: JSON_TYPE, body })).toEqual({
    status: 200,
    body: 's\no cluster alice/k3s\no \no last\ne node|list\nx 3\n',
  });
  const words = { headers: WORDS_TYPE, workspace: bob, body: Buffer.from('a\0b\nc\0\0') };
  const { body: answer } = await request(door, 'POST /cluster', words);
  expect(answer).toContain('o cluster bob/k3s\n');
  expect(answer).toContain('e a|b\ne c|\n');
});

test('words ended by NUL arrive as they are, whatever is in them', async () => {
  let came: readonly string[] = [];
  const door = await openDoor(async (_, args) => {
    came = args;
    return 0;
  });
  const word = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'));
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 20 }), async (words) => {
      const body = Buffer.from(words.map((each) => `${each}\0`).join(''));
      await request(door, 'POST /cluster', { headers: WORDS_TYPE, body });
      expect(came).toEqual(words.map((each) => Buffer.from(each).toString()));
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['no list', JSON_TYPE, Buffer.from('{"args": "status"}')],
  ['no JSON', JSON_TYPE, Buffer.from('{')],
  ['a type that it does not know', { 'content-type': 'text/html' }, Buffer.from('status')],
  ['too long', WORDS_TYPE, Buffer.alloc(70_000, 'a')],
  ['too many', WORDS_TYPE, Buffer.from('a\0'.repeat(300))],
])('words that are %s are a usage error, and nothing is carried out', async (_, headers, body) => {
  let ran = 0;
  const door = await openDoor(async () => ++ran);
  const answer = await request(door, 'POST /cluster', { headers, body });
  expect(answer).toMatchObject({ status: 400, body: expect.stringMatching(/^s\ne .*\nx 2\n$/) });
  expect(ran).toBe(0);
});

test('words whose JSON is nearly right are carried out as they are, or a usage error', async () => {
  const tally = new Tally();
  const came: (readonly string[])[] = [];
  const door = await openDoor(async (_, args) => {
    came.push(args);
    return 0;
  });
  const send = (text: string) =>
    request(door, 'POST /cluster', { headers: JSON_TYPE, body: Buffer.from(text) });
  const valid = fc.record({ args: fc.array(fc.constantFrom('node', 'list', '--json'), { minLength: 1 }) });
  await fc.assert(
    fc.asyncProperty(spoiltJson(valid), async ({ text }) => {
      came.length = 0;
      const { status, body } = await send(text);
      tally.add(`${status}`);
      if (status === 200) {
        expect(came).toEqual([JSON.parse(text).args]);
        expect(body).toBe('s\nx 0\n');
      } else {
        expect([status, body]).toEqual([400, expect.stringMatching(/^s\ne .*\nx 2\n$/)]);
        expect(came).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
  came.length = 0;
  expect(await send('{"args":["status"]}')).toEqual({ status: 200, body: 's\nx 0\n' });
  expect(came).toEqual([['status']]);
  process.stdout.write(`JSON at the door of a lab, by status: ${tally}\n`);
  expect(tally.rarerThan({ 200: 0.1, 400: 0.2 })).toEqual([]);
});

test('lines come while the command goes on; who hangs up ends it', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const door = await openDoor(async (_key, _args, { print, signal }) => {
    print('at once');
    if (!signal.aborted) await once(signal, 'abort');
    resolve();
    return 130;
  });
  const stream = connect(door);
  stream.write('POST /cluster HTTP/1.1\r\nhost: lab\r\ncontent-type: application/json\r\n');
  stream.write('content-length: 11\r\n\r\n{"args":[]}');
  let seen = '';
  for await (const chunk of stream) {
    seen += String(chunk);
    if (seen.includes('o at once\n')) break;
  }
  stream.destroy();
  await ended;
});

test('who does not read is let go', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const door = await openDoor(async (_key, _args, { print, signal }) => {
    while (!signal.aborted) {
      print('a'.repeat(10_000));
      await new Promise((next) => setImmediate(next));
    }
    resolve();
    return 130;
  });
  const stream = connect(door);
  stream.write(
    'POST /cluster HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"args":[]}',
  );
  await ended;
});

test('a token is for the workspace of the stream', async () => {
  const door = await openDoor();
  const { status, body } = await request(door, 'GET /token', { workspace: bob });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    token: tokenOf({ role: 'student', key: bob }),
    expires_at: '1970-01-01T00:05:00.000Z',
  });
});

test("the API takes a stream's own tokens, and no others", async () => {
  const door = await openDoor();
  const statuses: Record<string, number> = {};
  for (const principal of principals) {
    const headers = { authorization: `Bearer ${tokenOf(principal)}` };
    const { status } = await request(door, 'GET /api/v1/clusters', { headers });
    statuses[JSON.stringify(principal)] = status;
  }
  expect(Object.values(statuses)).toEqual([200, 403, 403, 403, 403]);
});

test('a request that grows without end, and an answer to nothing, are cut off', async () => {
  const door = await openDoor();
  const stream = connect(door);
  const pour = (): void => {
    if (!stream.destroyed) stream.write(`x-${'a'.repeat(1_000)}: b\r\n`, () => setImmediate(pour));
  };
  stream.write('GET /token HTTP/1.1\r\n');
  pour();
  const [head] = await once(stream, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 431/);
  expect(await request(door, 'GET /elsewhere')).toMatchObject({ status: 404 });
});

test.each([
  ['nothing', ''],
  ['half a head', 'GET /token HTTP/1.1\r\nho'],
  [
    'half a body',
    'POST /cluster HTTP/1.1\r\nhost: lab\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{',
  ],
])('who has said %s after 10 s is let go', async (_, said) => {
  const stream = connect(await openDoor());
  stream.resume();
  stream.write(said);
  await clock.advance(9_999);
  expect(stream.readableEnded).toBe(false);
  const end = once(stream, 'end');
  await clock.advance(1);
  await end;
});

test('a command that is carried out has all the time', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  const door = await openDoor(() => {
    begun.resolve();
    return promise;
  });
  const body = Buffer.from('start\0');
  const answer = request(door, 'POST /cluster', { headers: WORDS_TYPE, body });
  await begun.promise;
  await clock.advance(3_600_000);
  resolve(0);
  expect(await answer).toEqual({ status: 200, body: 's\nx 0\n' });
});
