import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { PROBLEM_TYPE, problemSchema } from '../http/problem.ts';
import { spoiltJson } from '../json/testing/spoilt-json.ts';
import { Tally } from '../json/testing/tally.ts';
import { createLogger } from '../logging/logger.ts';
import { startControlServer } from './control-server.ts';
import { controlSocket } from './control-socket.ts';
import type { ControlTarget } from './control-target.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';

/** What reached the factory. */
let done: string[];
let log: string;
let socket: Pool;
let stack: AsyncDisposableStack;

/** A factory that does whatever it is asked for. */
const target: ControlTarget = {
  ...IDLE_TARGET,
  drain: () => {
    done.push('drain');
    return { until: '2026-11-28T10:00:00.000Z' };
  },
  garbage: {
    ...IDLE_TARGET.garbage,
    collect: async () => {
      done.push('collect');
      return { removed: [], failed: [] };
    },
  },
  tokens: {
    ...IDLE_TARGET.tokens,
    issuer: {
      issue: async () => {
        done.push('issue');
        return { token: 'a.b.c', expiresAt: 0 };
      },
    },
    revoke: async () => void done.push('revoke'),
  },
  hooks: {
    ...IDLE_TARGET.hooks,
    retry: () => {
      done.push('retry');
      return 1;
    },
  },
  command: async () => void done.push('command'),
};

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'control-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const path = controlSocket(folder);
  const write = (line: string) => {
    log += line;
  };
  const server = await startControlServer({ path, target, logger: createLogger('info', [{ write }]) });
  stack.defer(() => server.close());
  socket = new Pool('http://factory', { socketPath: path });
  stack.defer(() => socket.close());
});
afterAll(() => stack.disposeAsync());

interface Asked {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly valid: object;
}

/** Everything on the socket that has a body. */
const REQUESTS: readonly Asked[] = [
  { method: 'POST', path: '/drain', valid: { within_ms: 5, message: 'a word' } },
  order('suspend', { end_sessions: false }),
  order('stop', { end_sessions: true }),
  order('start', {}),
  order('reset', { part: 'container' }),
  order('delete', { home: false, end_sessions: false }),
  order('pin', { for_ms: 3_600_000 }),
  order('unpin', {}),
  { method: 'DELETE', path: '/garbage', valid: { items: [{ kind: 'volume', name: 'lab-alice' }] } },
  { method: 'POST', path: '/tokens', valid: { role: 'student', workspace: 'alice/k3s', for_ms: 60_000 } },
  {
    method: 'POST',
    path: '/tokens',
    valid: { role: 'instructor', name: 'carol', groups: ['class-a', 'class-b'], for_ms: 60_000 },
  },
  { method: 'POST', path: '/tokens', valid: { role: 'admin', name: 'dave', for_ms: 60_000 } },
  { method: 'POST', path: '/tokens/revocations', valid: { kind: 'workspace', workspace: 'alice/k3s' } },
  { method: 'POST', path: '/tokens/revocations', valid: { kind: 'name', name: 'carol' } },
  {
    method: 'POST',
    path: '/tokens/revocations',
    valid: { kind: 'id', id: '6f1c2a90-7d1e-4b6e-9d3c-2f0f5a1f7c11' },
  },
  { method: 'POST', path: '/hooks/retries', valid: { id: 'msg_1' } },
];

function order(command: string, rest: object): Asked {
  return { method: 'POST', path: `/workspaces/alice/k3s/${command}`, valid: { by: 'operator', ...rest } };
}

async function send({ method, path }: Asked, body: string) {
  const answer = await socket.request({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: answer.statusCode, type: answer.headers['content-type'], text: await answer.body.text() };
}

const refusal = z.object({ message: z.string().min(1) });

test('a body that is nearly right is taken or refused in words, and what is refused is not done', async () => {
  const tally = new Tally();
  const asked = fc.constantFrom(...REQUESTS);
  const some = asked.chain((request) =>
    fc.tuple(fc.constant(request), spoiltJson(fc.constant(request.valid))),
  );
  log = '';
  await fc.assert(
    fc.asyncProperty(some, async ([request, { text }]) => {
      done = [];
      const { status, type, text: told } = await send(request, text);
      tally.add(status < 300 ? 'done' : `${status}`);
      if (status < 300) {
        expect(done).toHaveLength(1);
        return;
      }
      expect([400, 413]).toContain(status);
      if (String(type).startsWith(PROBLEM_TYPE)) problemSchema.parse(JSON.parse(told));
      else refusal.parse(JSON.parse(told));
      expect(done).toEqual([]);
    }),
    { numRuns: 300 },
  );
  // A mistake of who asks is none of the factory's.
  expect(log).not.toContain('"level":50');
  for (const request of REQUESTS) {
    done = [];
    expect([request.path, (await send(request, JSON.stringify(request.valid))).status < 300]).toEqual([
      request.path,
      true,
    ]);
    expect(done).toHaveLength(1);
  }
  process.stdout.write(`bodies on the control socket: ${tally}\n`);
  expect(tally.rarerThan({ done: 0.06, 400: 0.4 })).toEqual([]);
});
