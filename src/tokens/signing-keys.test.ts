import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { MOST_KEYS } from './key-file.ts';
import { LEAD, ROTATE_AFTER } from './key-schedule.ts';
import { LONGEST_LIFETIME, LONGEST_OF_ALL } from './lifetimes.ts';
import { AUDIENCE } from './principal.ts';
import { SigningKeys } from './signing-keys.ts';
import { CAROL, ISSUER, PRINCIPALS } from './testing/some-tokens.ts';
import { jwksFile } from './token-files.ts';
import { createTokenIssuer } from './token-issuer.ts';
import { createTokenVerifier } from './token-verifier.ts';
import type { IssuedToken } from './tokens.ts';

const DAY = 24 * 3_600_000;

let data: string;
let clock: VirtualClock;
let log: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tokens-'));
  clock = new VirtualClock();
  log = '';
});
afterEach(() => rm(data, { recursive: true }));

const logger = createLogger('trace', [
  {
    write(line) {
      log += line;
    },
  },
]);
const open = () => SigningKeys.open({ data, clock, logger });
const keyFile = () => join(data, 'tokens', 'keys.json');

/** A day at a time, as keys are written to the disk, which the virtual clock does not wait for. */
async function pass(ms: number, keys: SigningKeys): Promise<void> {
  for (let left = ms; left > 0; left -= DAY) {
    await clock.advance(Math.min(left, DAY));
    await keys.settled();
  }
}

describe('the keys of a factory', () => {
  test('are made once, kept, and nobody else can read them', async () => {
    const first = (await open()).current();
    const again = await open();
    expect(again.current().kid).toBe(first.kid);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(data, 'tokens'))).mode & 0o777).toBe(0o700);
    expect((await stat(jwksFile(data))).mode & 0o777).toBe(0o644);
    expect((await readdir(join(data, 'tokens'))).toSorted()).toEqual(['jwks.json', 'keys.json']);
  });

  test('are public as a set that has nothing of their private halves', async () => {
    const keys = await open();
    await keys.rotate();
    const set: unknown = JSON.parse(await readFile(jwksFile(data), 'utf8'));
    expect(set).toEqual(keys.jwks());
    const jwk = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: expect.any(String) };
    expect(set).toEqual({
      keys: [
        { ...jwk, kid: keys.current().kid },
        { ...jwk, kid: expect.any(String) },
      ],
    });
  });

  test('are followed by a new one that is known before it signs', async () => {
    const keys = await open();
    const { kid: old } = keys.current();
    const { kid, signsFrom } = await keys.rotate();
    expect(kid).not.toBe(old);
    expect(signsFrom).toBe(clock.now() + LEAD);
    expect(await keys.rotate()).toEqual({ kid, signsFrom });
    expect(keys.jwks().keys.map((key) => key.kid)).toEqual([old, kid]);
    await pass(LEAD - 1, keys);
    expect(keys.current().kid).toBe(old);
    await pass(1, keys);
    expect(keys.current().kid).toBe(kid);
    expect(await keys.find(old)).toBeDefined();
  });

  test('are followed by themselves once a month, and dropped when their last token is over', async () => {
    await using keys = await open();
    const { kid: old } = keys.current();
    await pass(ROTATE_AFTER - 1, keys);
    expect(keys.jwks().keys).toHaveLength(1);
    await pass(1, keys);
    expect(keys.jwks().keys).toHaveLength(2);
    await pass(LEAD, keys);
    expect(keys.current().kid).not.toBe(old);
    await pass(LONGEST_OF_ALL, keys);
    expect(await keys.find(old)).toBeDefined();
    await pass(20 * 60_000, keys);
    expect(await keys.find(old)).toBeUndefined();
    const kept = keys.jwks().keys.length;
    for (let month = 0; month < 24; month++) await pass(ROTATE_AFTER, keys);
    expect(keys.jwks().keys.length).toBeLessThanOrEqual(kept + 1);
    expect(JSON.parse(await readFile(jwksFile(data), 'utf8'))).toEqual(keys.jwks());
  });

  test('are made anew at the start after a long time without a factory', async () => {
    const first = await open();
    const { kid: old } = first.current();
    await first[Symbol.asyncDispose]();
    await clock.advance(400 * DAY);
    await using keys = await open();
    expect(keys.current().kid).toBe(old);
    await pass(LEAD, keys);
    expect(keys.current().kid).not.toBe(old);
  });

  test('are not made without end', async () => {
    await using keys = await open();
    for (let count = 1; count < MOST_KEYS; count++) {
      await keys.rotate();
      await pass(LEAD, keys);
    }
    await expect(keys.rotate()).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    const { kid } = keys.current();
    await pass(LONGEST_OF_ALL, keys);
    await keys.rotate();
    await pass(LEAD, keys);
    expect(keys.current().kid).not.toBe(kid);
  });

  test('that are asked for at the same moment are one', async () => {
    await using keys = await open();
    const made = await Promise.all([keys.rotate(), keys.rotate(), keys.rotate()]);
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
    expect(keys.jwks().keys).toHaveLength(2);
  });

  test('never reach the log', async () => {
    const keys = await open();
    await pass(ROTATE_AFTER, keys);
    expect(log).toContain(keys.jwks().keys.at(-1)?.kid);
    const kept = await readFile(keyFile(), 'utf8');
    const secrets = [...kept.matchAll(/"d":"([^"]+)"/g)].map(([, secret = '']) => secret);
    expect(secrets).toHaveLength(2);
    await keys[Symbol.asyncDispose]();
    await rm(join(data, 'tokens'), { recursive: true });
    await writeFile(join(data, 'tokens'), kept);
    await expect(open()).rejects.toMatchObject({ code: 'TOKEN_KEYS_UNUSABLE' });
    logger.error({ keys, err: await open().catch((error: unknown) => error) });
    for (const secret of secrets) expect(log).not.toContain(secret);
  });

  test('that cannot be written are not used, and what there is serves on', async () => {
    const keys = await open();
    const { kid } = keys.current();
    await rm(join(data, 'tokens'), { recursive: true });
    await writeFile(join(data, 'tokens'), '');
    await expect(keys.rotate()).rejects.toMatchObject({ code: 'TOKEN_KEYS_UNUSABLE' });
    await pass(ROTATE_AFTER, keys);
    expect(log).toMatch(/"level":50.*serve on/);
    await pass(LEAD, keys);
    expect(keys.current().kid).toBe(kid);
    await rm(join(data, 'tokens'));
    await pass(2 * LEAD, keys);
    expect(keys.current().kid).not.toBe(kid);
    await keys[Symbol.asyncDispose]();
  });
});

describe('a key file', () => {
  test.each<[string, (text: string) => string]>([
    ['that is empty', () => ''],
    ['that is cut off', (text) => text.slice(0, -9)],
    ['of something else', () => '{"name":"ssh-lab-factory"}'],
    ['without keys', () => '{"format":1,"keys":[]}'],
    ['of a format that is to come', (text) => text.replace('"format":1', '"format":2')],
    ['whose key has another name', (text) => text.replace(/"kid":".{3}/, '"kid":"AAA')],
    ['whose halves do not belong together', (text) => text.replace(/"d":".{3}/, '"d":"AAA')],
    ['with a key of another kind', (text) => text.replace('Ed25519', 'X25519')],
  ])('%s is refused and stays as it is', async (_what, change) => {
    const keys = await open();
    const text = await readFile(keyFile(), 'utf8');
    await keys[Symbol.asyncDispose]();
    await writeFile(keyFile(), change(text));
    const error: unknown = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'TOKEN_KEYS_UNUSABLE',
      message: expect.stringContaining('put it back from a backup, or remove it'),
    });
    expect(await readFile(keyFile(), 'utf8')).toBe(change(text));
    await writeFile(keyFile(), text);
    expect((await open()).current().kid).toBe(keys.current().kid);
  });

  test('that others can read is refused', async () => {
    await open();
    await chmod(keyFile(), 0o640);
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('chmod 600') });
    await chmod(keyFile(), 0o600);
    await open();
  });
});

type Act =
  | { readonly kind: 'rotate' | 'restart' }
  | { readonly kind: 'issue'; readonly who: number; readonly share: number }
  | { readonly kind: 'wait'; readonly ms: number };

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    fc.constantFrom<Act>({ kind: 'rotate' }, { kind: 'restart' }),
    fc.record({
      kind: fc.constant('issue' as const),
      who: fc.nat(PRINCIPALS.length - 1),
      share: fc.double({ min: 0.1, max: 1, noNaN: true }),
    }),
    fc
      .oneof(fc.nat(2 * LEAD), fc.nat(60 * DAY), fc.constant(LONGEST_OF_ALL))
      .map((ms): Act => ({ kind: 'wait', ms })),
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

/** A reader of the public set that looks as often as the lead allows. */
function lateReader(keys: SigningKeys) {
  let seen = { at: clock.now(), kids: new Set(keys.jwks().keys.map(({ kid }) => kid)) };
  return (now: SigningKeys) => {
    if (clock.now() - seen.at < LEAD) return seen.kids;
    seen = { at: clock.now(), kids: new Set(now.jwks().keys.map(({ kid }) => kid)) };
    return seen.kids;
  };
}

test('a token is good until its end, whatever rotations and restarts there were, and its key was known before', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      await rm(join(data, 'tokens'), { recursive: true, force: true });
      clock = new VirtualClock();
      let keys = await open();
      const known = lateReader(keys);
      const good: IssuedToken[] = [];
      for (const act of story) {
        if (act.kind === 'rotate') await keys.rotate();
        if (act.kind === 'wait') await pass(act.ms, keys);
        if (act.kind === 'restart') {
          await keys[Symbol.asyncDispose]();
          keys = await open();
        }
        const seen = known(keys);
        if (act.kind === 'issue') {
          const principal = PRINCIPALS[act.who] ?? CAROL;
          const lifetime = act.share * LONGEST_LIFETIME[principal.role];
          const issuer = createTokenIssuer({ issuer: ISSUER, keys, clock });
          good.push(await issuer.issue(principal, AUDIENCE.api, lifetime));
          expect(seen).toContain(keys.current().kid);
        }
        const verifier = createTokenVerifier({ issuer: ISSUER, keys, clock });
        for (const { token } of good.filter(({ expiresAt }) => clock.now() < expiresAt)) {
          await verifier.verify(token, AUDIENCE.api);
        }
      }
      await keys[Symbol.asyncDispose]();
    }),
    { numRuns: 40 },
  );
});
