import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { createControlClient } from './control-client.ts';
import { startControlServer } from './control-server.ts';
import { controlSocket } from './control-socket.ts';
import type { ControlTarget } from './control-target.ts';
import { IDLE_TARGET } from './testing/idle-target.ts';

const key = parseWorkspaceKey('alice', 'k3s') ?? fail();
const BY = 'operator';
const signal = () => AbortSignal.timeout(30_000);

let folder: string;
let log: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-'));
  log = [];
});
afterEach(() => rm(folder, { recursive: true }));

function start(command: ControlTarget['command']) {
  return startControlServer({
    path: controlSocket(folder),
    target: { ...IDLE_TARGET, command },
    logger: pino({ level: 'info' }, { write: (line: string) => log.push(line) }),
  });
}

describe('an order by the control socket', () => {
  test('gets to the workspace, with who gave it, and is in the log', async () => {
    const given: unknown[] = [];
    const server = await start(async (...order) => void given.push(order.slice(0, 3)));
    await using client = createControlClient(controlSocket(folder));
    await client.order(key, { kind: 'suspend', by: BY, end_sessions: true }, signal());
    expect(given).toEqual([[key, { kind: 'suspend', endSessions: true }, BY]]);
    expect(log.join('')).toMatch(/"workspace":"alice\/k3s".*"by":"operator"/);
    await server.close();
  });

  test('that is refused is so with the code and the words of the refusal, and no failure in the log', async () => {
    const refusal = new FactoryError('WORKSPACE_IN_USE', 'Somebody is there.');
    const server = await start(() => Promise.reject(refusal));
    await using client = createControlClient(controlSocket(folder));
    const error = await client.order(key, { kind: 'stop', by: BY }, signal()).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FactoryError);
    expect(error).toMatchObject({
      code: 'WORKSPACE_IN_USE',
      message: 'Somebody is there.',
      detail: undefined,
    });
    expect(log.join('')).not.toContain('errorId');
    await server.close();
  });

  test('that fails has the id under which the log has it', async () => {
    const failure = new FactoryError('CLUSTER_FAILED', 'It failed.', { detail: "the node's last words" });
    const server = await start(() => Promise.reject(failure));
    await using client = createControlClient(controlSocket(folder));
    const error = await client.order(key, { kind: 'start', by: BY }, signal()).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CLUSTER_FAILED', id: failure.id });
    expect(error.detail).toContain(`factory logs --error ${failure.id}`);
    expect(log.join('')).toContain(`"errorId":"${failure.id}"`);
    await server.close();
  });

  test('stops waiting when its client hangs up, and holds up nobody meanwhile', async () => {
    const waiting = Promise.withResolvers<AbortSignal>();
    const server = await start(async (_key, { kind }, _by, stop) => {
      if (kind === 'unpin') return;
      waiting.resolve(stop);
      await once(stop, 'abort');
      throw stop.reason;
    });
    await using client = createControlClient(controlSocket(folder));
    const leave = new AbortController();
    const order = client.order(key, { kind: 'start', by: BY }, leave.signal).catch(() => 'left');
    const stop = await waiting.promise;
    await client.order(key, { kind: 'unpin', by: BY }, signal());
    expect(stop.aborted).toBe(false);
    const aborted = once(stop, 'abort', { signal: signal() });
    leave.abort();
    await aborted;
    expect(await order).toBe('left');
    await server.close();
  });
});

function fail(): never {
  throw new Error('alice/k3s is a workspace');
}
