import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { spoiltJson } from '../json/testing/spoilt-json.ts';
import { Tally } from '../json/testing/tally.ts';
import { key } from '../workspaces/testing/harness.ts';
import { type ClientLimits, ClusterClient } from './cluster-client.ts';
import { toMessage } from './messages.ts';
import { OPERATIONS } from './operations.ts';
import { openRemoteSshd } from './streams/stream-client.ts';

const UNFIT = 'CLUSTER_SERVICE_UNFIT';
const UNREACHABLE = 'CLUSTER_SERVICE_UNREACHABLE';
const LIMIT = 20_000;
/** As nobody gives a proper answer; ms. */
const IMPATIENT: ClientLimits = {
  silence: 500,
  readPatience: 1_000,
  runPatience: 1_500,
  abortPatience: 2_000,
};
const signal = () => AbortSignal.timeout(LIMIT);

type Answer = (asked: { readonly id: string; readonly operation: string }, response: ServerResponse) => void;

let folder: string;
let answer: Answer;
let close: () => void;
let client: ClusterClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unfit-'));
  const path = join(folder, 's.sock');
  const server = createServer((request, response) => {
    request.resume();
    answer(askedBy(request), response);
  }).listen(path);
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  await once(server, 'listening');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  client = new ClusterClient({ ...at(path), limits: IMPATIENT });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  close();
  await rm(folder, { recursive: true });
});

function at(path: string) {
  return { address: { kind: 'socket', path }, authorization: async () => 'Bearer x' } as const;
}

function askedBy(request: IncomingMessage) {
  const id = String(request.headers['idempotency-key']);
  return { id, operation: request.url?.split('/').at(-1) ?? '' };
}

/** Writes for as long as somebody takes it. */
function endlessly(response: ServerResponse, chunk: string): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

const read = () => client.read(OPERATIONS.clusters.observe, { key }, signal());
const run = () => client.run(OPERATIONS.clusters.start, { key }, () => {}, signal());

describe('a question', () => {
  test('that is answered as it should be', async () => {
    answer = (asked, response) => response.end(JSON.stringify({ ...asked, result: 'running' }));
    expect(await read()).toBe('running');
  });

  test.each<[string, string, Answer]>([
    ['that is no JSON', UNFIT, (_, response) => response.end('<html>')],
    ['of another schema', UNFIT, (asked, response) => response.end(JSON.stringify({ ...asked, result: 7 }))],
    ['without a result', UNFIT, (asked, response) => response.end(JSON.stringify(asked))],
    ['of nothing', UNFIT, (_, response) => response.end()],
    [
      'to another question',
      UNFIT,
      (asked, response) =>
        response.end(JSON.stringify({ ...asked, operation: 'runtime.observe', result: 'running' })),
    ],
    [
      'to an earlier question',
      UNFIT,
      (asked, response) =>
        response.end(JSON.stringify({ ...asked, id: 'an-earlier-one', result: 'running' })),
    ],
    ['without an end', UNFIT, (_, response) => endlessly(response, 'x'.repeat(65_536))],
    ['that it does not have', UNFIT, (_, response) => response.writeHead(404).end('no such page')],
    ['that leads elsewhere', UNFIT, (_, response) => response.writeHead(302, { location: '/x' }).end()],
    [
      'that breaks off',
      UNREACHABLE,
      (_, response) => {
        response.write('{"id":');
        setImmediate(() => response.destroy());
      },
    ],
  ])('with an answer %s', async (_what, code, how) => {
    answer = how;
    await expect(read()).rejects.toMatchObject({ code });
  });
});

describe('an operation', () => {
  test('that is answered as it should be', async () => {
    answer = (asked, response) => response.end(toMessage({ kind: 'done', ...asked, result: null }));
    expect(await run()).toBeUndefined();
  });

  test.each<[string, string, Answer]>([
    ['of no JSON', UNFIT, (_, response) => response.end('data: {\n\n')],
    ['of another kind', UNFIT, (asked, response) => response.end(toMessage({ kind: 'well', ...asked }))],
    ['without a result', UNFIT, (asked, response) => response.end(toMessage({ kind: 'done', ...asked }))],
    [
      'to another one',
      UNFIT,
      (asked, response) =>
        response.end(toMessage({ kind: 'done', ...asked, operation: 'clusters.remove', result: null })),
    ],
    ['of one line without an end', UNFIT, (_, response) => endlessly(response, 'x'.repeat(65_536))],
    ['that is silent', UNREACHABLE, () => undefined],
    ['that begins and is silent', UNREACHABLE, (_, response) => void response.write(': keep-alive\n\n')],
    [
      'that is interrupted again and again',
      UNREACHABLE,
      (asked, response) => {
        const problem = { code: 'INTERRUPTED', message: 'no', id: '0' };
        response.end(toMessage({ kind: 'failed', ...asked, problem }));
      },
    ],
  ])(
    'with an answer %s',
    async (_what, code, how) => {
      answer = how;
      await expect(run()).rejects.toMatchObject({ code });
    },
    20_000,
  );

  test('that never ends is given up when its caller has enough, though nobody answers that either', async () => {
    answer = (asked, response) => {
      if (asked.operation === 'clusters.start') endlessly(response, ': keep-alive\n\n');
    };
    const stop = new AbortController();
    const running = client.run(OPERATIONS.clusters.start, { key }, () => {}, stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(running).rejects.toThrow('enough');
  });
});

/** In the place of the id of what is asked, which is known when it is answered. */
const ID = 'the id';

describe('an answer that is nearly right is taken as it is, or is a clear error:', () => {
  const withId = (text: string, id: string) => text.replaceAll(JSON.stringify(ID), JSON.stringify(id));

  async function outcomeOf(asked: Promise<unknown>): Promise<string> {
    try {
      await asked;
      return 'taken';
    } catch (error) {
      expect(error).toBeInstanceOf(FactoryError);
      return error instanceof FactoryError ? error.code : 'not ours';
    }
  }

  test('that to a question', async () => {
    const tally = new Tally();
    const valid = fc.record({
      id: fc.constant(ID),
      operation: fc.constant('clusters.observe'),
      result: fc.constantFrom('absent', 'running', 'suspended'),
    });
    await fc.assert(
      fc.asyncProperty(spoiltJson(valid), async ({ how, text }) => {
        answer = ({ id }, response) => response.end(withId(text, id));
        const outcome = await outcomeOf(read());
        expect(outcome).toBeOneOf(['taken', UNFIT]);
        if (how === 'valid') expect(outcome).toBe('taken');
        tally.add(outcome);
      }),
      { numRuns: 300 },
    );
    process.stdout.write(`answers of the cluster service to questions: ${tally}\n`);
    expect(tally.rarerThan({ taken: 0.1, [UNFIT]: 0.4 })).toEqual([]);
  });

  test('what an operation tells', async () => {
    const tally = new Tally();
    const asked = { id: fc.constant(ID), operation: fc.constant('clusters.start') };
    const problem = fc.record({
      code: fc.constantFrom('CLUSTER_FAILED', 'DOCKER_UNAVAILABLE'),
      message: fc.string({ maxLength: 20 }),
      id: fc.constant('0a1b2c3d'),
    });
    const valid = fc.oneof(
      fc.record({ kind: fc.constant('done'), ...asked, result: fc.constant(null) }),
      fc.record({ kind: fc.constant('failed'), ...asked, problem }),
      fc.record({ kind: fc.constant('progress'), step: fc.string({ maxLength: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(spoiltJson(valid), async ({ text }) => {
        answer = ({ id, operation }, response) => {
          response.write(`data: ${withId(text, id)}\n\n`);
          // Whatever came before, so that no run waits for more.
          response.end(toMessage({ kind: 'done', id, operation, result: null }));
        };
        tally.add(await outcomeOf(run()));
      }),
      { numRuns: 300 },
    );
    process.stdout.write(`what operations of the cluster service tell: ${tally}\n`);
    expect(tally.rarerThan({ taken: 0.1, [UNFIT]: 0.4, CLUSTER_FAILED: 0.005 })).toEqual([]);
  });
});

test('a stream where there are none is a clear error', async () => {
  const request = { open: 'sshd', key, authorizedKey: 'ssh-ed25519 AAAA', env: {} } as const;
  const opened = openRemoteSshd(at(join(folder, 's.sock')), request, signal());
  await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^CLUSTER_SERVICE_UN/) });
});
