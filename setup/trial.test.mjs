import { expect, test } from 'vitest';
import { createPrograms } from './programs.mjs';
import { works } from './trial.mjs';

const programs = createPrograms({ ...process.env });

/** What is said of a program whose runs end like this, and how long each might take. */
async function verdict(...ends) {
  const limits = [];
  const attempt = async (_file, _args, { timeout }) => {
    limits.push(timeout);
    return { stdout: '', tail: '', ...ends.shift() };
  };
  return { works: await works({ attempt }, 'program', []), limits };
}

test('a run that took too long is none: there is another, with more time', async () => {
  expect(await verdict({ code: 124, signal: 'SIGKILL' }, { code: 0 })).toEqual({
    works: true,
    limits: [20_000, 60_000],
  });
  expect(await verdict({ code: 124, signal: 'SIGKILL' }, { code: 1 })).toMatchObject({ works: false });
  expect(await verdict({ code: 124 }, { code: 124 }, { code: 124 })).toEqual({
    works: undefined,
    limits: [20_000, 60_000, 180_000],
  });
});

test.each([
  ['ends well', 'exit 0', true],
  ['fails', 'exit 3', false],
  ['crashes', 'kill -SEGV $$', false],
  ['is ended by somebody', 'kill -TERM $$', undefined],
  ['is ended for want of memory', 'kill -KILL $$', undefined],
])('a program that %s', async (_what, script, expected) => {
  expect(await works(programs, 'sh', ['-c', script])).toBe(expected);
});

test('a program that is not there does not work', async () => {
  expect(await works(programs, '/nowhere/program', [])).toBe(false);
});
