import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { pretendEngine } from '../../../docker-engine/testing/pretend-engine.ts';
import { ExecTerminalSize } from './exec-terminal-size.ts';

/** The terminal of a command on an engine whose answers to resizes `answer` gives. `command`: what the engine knows of it. */
async function terminal(
  answer: (columns: string, response: ServerResponse) => void,
  {
    command = { Running: true, ExitCode: null },
    patience = 600_000,
  }: { command?: object; patience?: number },
) {
  const sizes: string[] = [];
  const warnings: string[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const url = new URL(request.url ?? '', 'http://engine');
    if (request.method === 'GET') return response.end(JSON.stringify(command));
    const columns = url.searchParams.get('w') ?? '';
    sizes.push(`${columns}x${url.searchParams.get('h')}`);
    answer(columns, response);
  };
  const pretend = await pretendEngine(onRequest);
  const exec = await pretend.engine.call({
    what: 'name a command',
    signal: AbortSignal.timeout(60_000),
    request: async (docker) => docker.getExec('one'),
  });
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
  const size = new ExecTerminalSize({ engine: pretend.engine, exec, logger, patience });
  return { size, sizes, warnings, [Symbol.asyncDispose]: () => pretend[Symbol.asyncDispose]() };
}

function refuse(response: ServerResponse): void {
  response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no such process"}');
}

test('a process that takes its time to start gets its size', async () => {
  let refusals = 0;
  await using it = await terminal((_, response) => {
    if (++refusals <= 8) return refuse(response);
    response.end();
  }, {});
  await it.size.set({ columns: 80, rows: 24 });
  expect(it.sizes).toEqual(Array(9).fill('80x24'));
  expect(it.warnings).toEqual([]);
});

test('the last size that was wanted is the one that stays, whatever is answered when', async () => {
  const first = Promise.withResolvers<ServerResponse>();
  await using it = await terminal((columns, response) => {
    if (columns === '80') return first.resolve(response);
    response.end();
  }, {});
  const old = it.size.set({ columns: 80, rows: 24 });
  const answer = await first.promise;
  const others = [it.size.set({ columns: 90, rows: 30 }), it.size.set({ columns: 100, rows: 40 })];
  refuse(answer);
  await Promise.all([old, ...others]);
  expect(it.sizes).toEqual(['80x24', '100x40']);
});

test('no size is tried for a command that has ended', async () => {
  await using it = await terminal((_, response) => refuse(response), {
    command: { Running: false, ExitCode: 0 },
  });
  await it.size.set({ columns: 80, rows: 24 });
  expect(it.sizes).toEqual(['80x24']);
  expect(it.warnings).toEqual([]);
});

test('one that is refused for too long is given up, and the log has it', async () => {
  await using it = await terminal((_, response) => refuse(response), { patience: 100 });
  await it.size.set({ columns: 80, rows: 24 });
  expect(it.warnings).toMatchObject([expect.stringContaining('a terminal keeps its old size')]);
});
