import type Docker from 'dockerode';
import { afterEach, expect, test, vi } from 'vitest';
import { exitStatus } from './container-exec.ts';
import { pretendEngine } from './testing/pretend-engine.ts';

const { signal } = new AbortController();

afterEach(() => {
  vi.useRealTimers();
});

/** An engine to which a command runs for `seconds`, by a clock that goes on by five at each look; then it has ended with 7. */
async function engineThatKnowsAfter(seconds: number) {
  vi.useFakeTimers({ toFake: ['Date'] });
  const since = Date.now();
  const pretend = await pretendEngine((_, response) => {
    vi.setSystemTime(Date.now() + 5_000);
    const Running = Date.now() < since + seconds * 1000;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Running, ExitCode: Running ? null : 7 }));
  });
  const exec = await pretend.engine.call({
    what: 'name a command',
    signal,
    request: async (docker: Docker) => docker.getExec('one'),
  });
  return { ...pretend, exec };
}

test('an engine that is busy may learn of an end late', async () => {
  await using busy = await engineThatKnowsAfter(50);
  expect(await exitStatus(busy.engine, busy.exec, signal)).toBe(7);
});

test('of a command that never ends no more is said than what the engine knows', async () => {
  await using busy = await engineThatKnowsAfter(Number.POSITIVE_INFINITY);
  await expect(exitStatus(busy.engine, busy.exec, signal)).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringContaining('as far as Docker knows, still runs'),
  });
});
