import { describe, expect, test } from 'vitest';
import type { IdentitySource, Knowledge } from './identity.ts';
import { IdentityChain } from './identity-chain.ts';
import { createReservation } from './reservation.ts';
import { recordingLogger, username } from './testing/fixtures.ts';
import { makeTestKey } from './testing/test-keys.ts';

const alice = username('alice');
const signal = new AbortController().signal;
const { logger } = recordingLogger();
const hers = makeTestKey('ssh-ed25519');

const knownWith = (source: string, ...keys: (typeof hers)[]): Knowledge => ({
  kind: 'known',
  source,
  editHint: '',
  keys: keys.map(({ key }) => key),
  keysArePublic: true,
});
const unknown: Knowledge = { kind: 'unknown' };

function source(name: string, answer: () => Knowledge): IdentitySource {
  return { name, credentials: ['public_key'], lookup: async () => answer() };
}

describe('the chain', () => {
  test('asks on after unknown, and nobody after the first that knows the name', async () => {
    const asked: string[] = [];
    const record = (name: string, answer: Knowledge) =>
      source(name, () => {
        asked.push(name);
        return answer;
      });
    const sources = [record('a', unknown), record('b', knownWith('b')), record('c', knownWith('c', hers))];
    expect(await new IdentityChain(sources, logger).lookup(alice, signal)).toEqual(knownWith('b'));
    expect(asked).toEqual(['a', 'b']);
  });

  test('ends at a source that does not answer or fails: it might know the name', async () => {
    const later = source('later', () => knownWith('later', hers));
    const down = source('down', () => ({ kind: 'unavailable', source: 'down', errorId: '00c0ffee' }));
    const broken = source('broken', () => {
      throw new Error('a defect');
    });
    for (const first of [down, broken]) {
      const knowledge = await new IdentityChain([first, later], logger).lookup(alice, signal);
      expect(knowledge).toMatchObject({ kind: 'unavailable', source: first.name });
    }
  });

  test('passes on that a fresh answer is wanted', async () => {
    const obeys: IdentitySource = {
      name: 'a',
      credentials: ['public_key'],
      lookup: async (_user, _signal, options) => (options?.fresh ? knownWith('a', hers) : knownWith('a')),
    };
    const identity = new IdentityChain([obeys], logger);
    expect(await identity.lookup(alice, signal, { fresh: true })).toEqual(knownWith('a', hers));
  });

  test('knows nobody without sources, and rejects with the reason of an abort', async () => {
    expect(await new IdentityChain([], logger).lookup(alice, signal)).toEqual(unknown);
    const aborted = AbortSignal.abort(new Error('gone'));
    const obeys: IdentitySource = {
      name: 'a',
      credentials: ['public_key'],
      async lookup(_user, given) {
        given.throwIfAborted();
        return unknown;
      },
    };
    await expect(new IdentityChain([obeys], logger).lookup(alice, aborted)).rejects.toThrow('gone');
  });
});

describe('a name that is reserved', () => {
  const asked: string[] = [];
  const accounts = {
    confirm: async (user: string) => {
      asked.push(user);
      return { kind: 'confirmed' } as const;
    },
    recall: async () => undefined,
    list: async () => [],
    accept: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const sources = [{ ...source('a', () => knownWith('a', hers)), accounts }];
  const chain = new IdentityChain(sources, logger, createReservation(new Set(['www'])));

  async function confirm(name: string) {
    const user = username(name);
    const known = await chain.lookup(user, signal);
    if (known.kind !== 'known') return expect.fail();
    return await chain.confirm(user, known, { kind: 'public_key', key: hers.key }, signal);
  }

  test('is known as any other, and refused only when its key is found to be right; the source is not asked whose it is', async () => {
    expect(await confirm('www')).toMatchObject({
      kind: 'refused',
      error: {
        code: 'USERNAME_RESERVED',
        message:
          'The name www is kept for something else here, so nobody gets in by it; ask your instructor for another one.',
      },
    });
    expect(asked).toEqual([]);
    expect(await confirm('wwww')).toEqual({ kind: 'confirmed' });
    expect(asked).toEqual(['wwww']);
  });

  test('is told of to the operator', async () => {
    expect(await chain.describe(username('www'), signal)).toMatchObject({
      reserved: { code: 'USERNAME_RESERVED' },
    });
    expect(await chain.describe(username('alice'), signal)).toMatchObject({ reserved: undefined });
  });
});
