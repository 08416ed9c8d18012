import { expect, test } from 'vitest';
import { parseLogLine } from './log-line.ts';
import { renderLine } from './render-line.ts';

const plain = { paint: (_format: unknown, text: string) => text, stacks: false };
const render = (entry: object, options = plain) => renderLine(parseLogLine(JSON.stringify(entry)), options);

test('an entry is a line: time, level, workspace, message, and what else it holds', () => {
  const entry = {
    level: 30,
    time: '2026-01-02T03:04:05.678Z',
    workspace: 'alice/k3s',
    part: 'cluster',
    ms: 12,
    msg: 'step done',
  };
  expect(render(entry)).toBe('2026-01-02T03:04:05.678Z INFO  alice/k3s step done part=cluster ms=12');
  expect(render({ level: 40, user: 'bob', lab: 'plain', msg: 'x' })).toBe('WARN  bob/plain x');
});

test('an error has its id, its details and the chain below it', () => {
  const entry = {
    level: 50,
    msg: 'No cluster.',
    workspace: 'alice/k3s',
    errorId: '3fa9c1d2',
    code: 'CLUSTER_FAILED',
    err: {
      type: 'FactoryError',
      code: 'CLUSTER_FAILED',
      message: 'No cluster.',
      detail: 'one\ntwo',
      stack: '    at outer',
      cause: {
        type: 'ExecaError',
        message: 'Command failed',
        command: 'k3d cluster create',
        exitCode: 1,
        output: 'its words',
        stack: '    at inner (x.ts:1:1)',
        cause: { type: 'Error', message: '(HTTP code 409) taken', status: 409 },
      },
    },
  };
  expect(render(entry)).toBe(
    [
      'ERROR alice/k3s No cluster. (error 3fa9c1d2)',
      '    CLUSTER_FAILED',
      '        | one',
      '        | two',
      '    because of ExecaError, exit 1: Command failed',
      '        $ k3d cluster create',
      '        | its words',
      '    because of Error, HTTP 409: (HTTP code 409) taken',
    ].join('\n'),
  );
  const { cause: _, ...innermost } = entry.err.cause;
  const withStacks = render(
    { ...entry, err: { ...entry.err, cause: innermost } },
    { ...plain, stacks: true },
  );
  expect(withStacks).toContain('        | at inner (x.ts:1:1)');
  expect(withStacks).not.toContain('at outer');
});

test('entries of an older factory show all they have', () => {
  const old = {
    level: 50,
    msg: 'step failed',
    errorId: 'abc',
    detail: 'the words',
    err: { type: 'FactoryError', message: 'a: b' },
  };
  expect(render(old)).toMatch(/^ERROR step failed \(error abc\)\n {4}\| the words\n {4}error: a: b$/);
  expect(render({ level: 50, msg: 'x', err: 'only text' })).toBe('ERROR x');
});

test('no terminal obeys what a client or a program wrote', () => {
  const hostile = '\x1b]0;owned\x07\r\x9b2J';
  const entry = {
    level: 30,
    msg: hostile,
    program: hostile,
    err: { type: 'E', message: hostile, detail: `a\n${hostile}` },
  };
  expect(render(entry)).not.toMatch(/[^\P{Cc}\n]/u);
  expect(renderLine({ kind: 'text', raw: hostile }, plain)).not.toMatch(/\p{Cc}/u);
});
