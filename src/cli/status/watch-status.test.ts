import { expect, test } from 'vitest';
import type { FactoryStatus } from '../../control/status-schema.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { watchStatus } from './watch-status.ts';

const NOW = '2026-11-28T10:00:00.000Z';
const STATUS: FactoryStatus = {
  version: '1.2.3',
  instance: 'abcd1234',
  pid: 1,
  since: NOW,
  ssh: '127.0.0.1:22',
  web: 'http://127.0.0.1:80',
  configuration: { file: null, read_at: '2026-11-28T10:00:00.000Z', problem: null, needs_restart: [] },
  hooks: { waiting: 0, given_up: 0 },
  closed_out: [],
  drain: null,
  sessions: 0,
  workspaces: [],
};

/** Watches answers, one after the other, and stops after the last. */
async function watch(json: boolean, answers: readonly (FactoryStatus | Error)[]): Promise<string[]> {
  const said: string[] = [];
  const stop = new AbortController();
  const left = [...answers];
  const status = async () => {
    const next = left.shift();
    if (left.length === 0) queueMicrotask(() => setImmediate(() => stop.abort()));
    if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
    return next;
  };
  await watchStatus({ client: { status }, every: 1, json, say: (text) => said.push(text) }, stop.signal);
  return said;
}

const silent = new FactoryError('NOT_RUNNING', 'No factory.');

test('as JSON there is a line at each change, over a restart as well', async () => {
  const other = { ...STATUS, sessions: 1 };
  const lines = await watch(true, [STATUS, STATUS, other, silent, silent, { ...other, pid: 2 }]);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { running: true, ...STATUS },
    { running: true, ...other },
    { running: false },
    { running: true, ...other, pid: 2 },
  ]);
});

test('as text it is said again each time, and that the factory is waited for', async () => {
  const cut = new FactoryError('CONTROL_FAILED', 'The running factory does not answer as it should.');
  const said = await watch(false, [STATUS, silent, cut]);
  expect(said).toEqual([
    expect.stringContaining('factory 1.2.3, process 1'),
    expect.stringMatching(/^─+\nThe factory does not run; waiting for it\.$/),
    expect.stringMatching(/^─+\nThe running factory does not answer/),
  ]);
});

test('ends with what waiting does not mend', async () => {
  await expect(watch(true, [new TypeError('a defect')])).rejects.toThrow('a defect');
});
