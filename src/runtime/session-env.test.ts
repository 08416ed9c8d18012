import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { SESSION_ENV, sessionEnv, settingOf } from './session-env.ts';

function sieve(env: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  return { taken: sessionEnv(env, logger), log: lines.join('') };
}

test('what a session can have it gets, whatever is in it', () => {
  const env = { A: 'one\ntwo', _b2: '"quoted" back\\slash', EMPTY: '' };
  expect(sieve(env)).toEqual({ taken: env, log: '' });
});

test('what it can not have is left out and named, and its value is in no log', () => {
  const longest = 'x'.repeat(SESSION_ENV.longestValue);
  const env = {
    '2A': 'secret-1',
    'A-B': 'secret-2',
    'A B=C': 'secret-3',
    NUL: 'secret-4\0',
    LONG: `${longest}secret-5`,
    FITS: longest,
    TOO_MUCH: longest,
    LAST: 'fits still',
  };
  const { taken, log } = sieve(env);
  expect(Object.keys(taken)).toEqual(['FITS', 'LAST']);
  for (const name of ['2A', 'A-B', 'NUL', 'LONG', 'TOO_MUCH']) expect(log).toContain(name);
  expect(log).not.toContain('secret');
});

test('it is never more than an argument takes', () => {
  const variables = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant('"'.repeat(20_000))));
  fc.assert(
    fc.property(variables, (env) => {
      const entries = Object.entries(sieve(env).taken);
      const size = Buffer.byteLength(entries.map((entry) => settingOf(...entry)).join(' '));
      expect(size).toBeLessThanOrEqual(SESSION_ENV.longest);
    }),
  );
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`V${n}`, '']));
  expect(Object.keys(sieve(many).taken)).toHaveLength(SESSION_ENV.mostVariables);
});
