import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import type { TokenFacts } from './claims.ts';
import { LONGEST_LIFETIME, LONGEST_OF_ALL } from './lifetimes.ts';
import { openTokens } from './open-tokens.ts';
import { AUDIENCE, type Principal } from './principal.ts';
import type { Revocation } from './revocation.ts';
import { MOST_BY_HAND, Revocations } from './revocations.ts';
import { ALICE, BOB, CAROL, DAVE, PRINCIPALS } from './testing/some-tokens.ts';

const MINUTE = 60_000;
const instance = parseInstanceId('abcd1234') ?? expect.fail();
const logger = createLogger('silent', []);

let data: string;
let clock: VirtualClock;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'revocations-'));
  clock = new VirtualClock();
});
afterEach(() => rm(data, { recursive: true }));

const file = () => join(data, 'tokens', 'revocations.json');
const open = () => Revocations.open({ data, clock });
const openAll = () => openTokens({ data, instance, clock, logger });

const ID = '0e37df36-f698-11e6-8dd4-cb9ced3df976';

function issuedNow(principal: Principal, id = ID): TokenFacts {
  return { principal, id, issuedAt: clock.now(), expiresAt: clock.now() + MINUTE };
}

function workspaceOf(principal: Principal): Revocation {
  if (principal.role !== 'student') throw new Error('only students have one');
  return { kind: 'workspace', key: principal.key };
}

test("the start of a factory makes the tokens of students void, whose sessions are over, and nobody else's", async () => {
  await open();
  const before = PRINCIPALS.map((principal) => issuedNow(principal));
  await clock.advance(1);
  const revocations = await open();
  expect(before.map((token) => revocations.isRevoked(token))).toEqual([true, true, false, false, false]);
  expect(revocations.isRevoked(issuedNow(ALICE))).toBe(false);
});

describe('a revocation', () => {
  test.each<[string, Revocation, Principal, Principal]>([
    ['of a workspace', workspaceOf(ALICE), ALICE, BOB],
    ['of a name', { kind: 'name', name: 'carol' }, CAROL, DAVE],
  ])(
    '%s makes void what was issued before, not what comes after, nor the tokens of others',
    async (_what, revocation, theirs, others) => {
      const revocations = await open();
      const [before, other] = [issuedNow(theirs), issuedNow(others)];
      expect(revocations.isRevoked(before)).toBe(false);
      const kept = revocations.revoke(revocation);
      // Before it is on the disk.
      expect(revocations.isRevoked(before)).toBe(true);
      expect(revocations.isRevoked(other)).toBe(false);
      await kept;
      await clock.advance(1);
      expect(revocations.isRevoked(issuedNow(theirs))).toBe(false);
      expect((await open()).isRevoked(before)).toBe(true);
      expect((await stat(file())).mode & 0o777).toBe(0o600);
    },
  );

  test('of an id concerns that one alone', async () => {
    const revocations = await open();
    await revocations.revoke({ kind: 'id', id: ID });
    expect(revocations.isRevoked(issuedNow(CAROL))).toBe(true);
    expect(revocations.isRevoked(issuedNow(CAROL, ID.replace('0', '1')))).toBe(false);
  });

  test('of a name that is also a user does not concern the student', async () => {
    const revocations = await open();
    await revocations.revoke({ kind: 'name', name: 'alice' });
    expect(revocations.isRevoked(issuedNow(ALICE))).toBe(false);
    expect(revocations.isRevoked(issuedNow({ role: 'admin', name: 'alice' }))).toBe(true);
  });

  test('is forgotten when no token is left that it concerns', async () => {
    const revocations = await open();
    await revocations.revoke(workspaceOf(ALICE));
    await revocations.revoke({ kind: 'name', name: 'carol' });
    await clock.advance(LONGEST_LIFETIME.student + MINUTE);
    await revocations.revoke({ kind: 'id', id: ID });
    expect(await keptSubjects()).toEqual(['carol', ID]);
    await clock.advance(LONGEST_OF_ALL + MINUTE);
    await revocations.revoke(workspaceOf(BOB));
    expect(await keptSubjects()).toEqual(['bob/k3s']);
  });

  test('of many at the same moment is kept, with few writes', async () => {
    const revocations = await open();
    const keys = Array.from({ length: 500 }, (_, index) => ({ kind: 'name', name: `n${index}` }) as const);
    await Promise.all(keys.map((each) => revocations.revoke(each)));
    expect(await keptSubjects()).toHaveLength(500);
  });

  test('is refused where there are too many, and those of workspaces never are', async () => {
    const revocations = await open();
    const all = Array.from({ length: MOST_BY_HAND }, (_, index) =>
      revocations.revoke({ kind: 'name', name: `n${index}` }),
    );
    await Promise.all(all);
    await expect(revocations.revoke({ kind: 'id', id: ID })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await revocations.revoke({ kind: 'name', name: 'n7' });
    await revocations.revoke(workspaceOf(ALICE));
    expect(revocations.isRevoked(issuedNow(ALICE))).toBe(true);
    // As large as it ever is, and it can be read.
    expect((await open()).isRevoked(issuedNow(ALICE))).toBe(true);
  });

  test('that cannot be written holds all the same, and says so', async () => {
    const revocations = await open();
    await writeFile(join(data, 'tokens'), '');
    await expect(revocations.revoke(workspaceOf(ALICE))).rejects.toMatchObject({
      code: 'TOKEN_KEYS_UNUSABLE',
    });
    expect(revocations.isRevoked(issuedNow(ALICE))).toBe(true);
    await rm(join(data, 'tokens'));
    await revocations.revoke(workspaceOf(BOB));
    expect(await keptSubjects()).toEqual(['alice/k3s', 'bob/k3s']);
  });
});

async function keptSubjects(): Promise<readonly string[]> {
  const { revocations } = JSON.parse(await readFile(file(), 'utf8'));
  return revocations.map(({ of }: { of: string }) => of);
}

test.each([
  ['empty', ''],
  ['cut off', '{"format":1,"revocations":[{"ki'],
  ['of something else', '{"keys":[]}'],
  ['of a format that is to come', '{"format":2,"revocations":[]}'],
])(
  'a file that is %s keeps the factory from starting, as tokens would be good again',
  async (_what, text) => {
    const revocations = await open();
    await revocations.revoke(workspaceOf(ALICE));
    const whole = await readFile(file(), 'utf8');
    await writeFile(file(), text);
    await expect(openAll()).rejects.toMatchObject({
      code: 'TOKEN_KEYS_UNUSABLE',
      message: expect.stringContaining('tokens/revocations.json'),
    });
    expect(await readFile(file(), 'utf8')).toBe(text);
    await writeFile(file(), whole);
    await (await openAll())[Symbol.asyncDispose]();
  },
);

type Act =
  | { readonly kind: 'issue' | 'revoke' | 'revoke-last'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' | 'rotate' };

const who = fc.nat(PRINCIPALS.length - 1);
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('issue' as const), who }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('revoke' as const, 'revoke-last' as const), who }),
    },
    { weight: 1, arbitrary: fc.nat(20 * MINUTE).map((ms): Act => ({ kind: 'wait', ms })) },
    { weight: 1, arbitrary: fc.constantFrom<Act>({ kind: 'restart' }, { kind: 'rotate' }) },
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

test("a token is good exactly until its end or its revocation, a student's until a restart, over rotations", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      await rm(join(data, 'tokens'), { recursive: true, force: true });
      let tokens = await openAll();
      const made: { token: string; who: number; expiresAt: number; isRevoked: boolean }[] = [];
      for (const act of story) {
        await clock.advance(act.kind === 'wait' ? act.ms : 1);
        if (act.kind === 'rotate') await tokens.rotate();
        if (act.kind === 'restart') {
          await tokens[Symbol.asyncDispose]();
          tokens = await openAll();
          for (const each of made.filter((one) => PRINCIPALS[one.who]?.role === 'student'))
            each.isRevoked = true;
        }
        if (act.kind === 'issue') {
          const principal = PRINCIPALS[act.who] ?? ALICE;
          const issued = await tokens.issuer.issue(principal, AUDIENCE.api, LONGEST_LIFETIME[principal.role]);
          made.push({ ...issued, who: act.who, isRevoked: false });
        }
        if (act.kind === 'revoke') {
          const principal = PRINCIPALS[act.who] ?? ALICE;
          await tokens.revoke(
            principal.role === 'student' ? workspaceOf(principal) : { kind: 'name', name: principal.name },
          );
          for (const each of made.filter((one) => one.who === act.who)) each.isRevoked = true;
        }
        if (act.kind === 'revoke-last') {
          const last = made.at(-1);
          if (last === undefined) continue;
          await tokens.revoke({ kind: 'id', id: decodeJwt(last.token).jti ?? '' });
          last.isRevoked = true;
        }
        for (const { token, expiresAt, isRevoked } of made) {
          const verified = tokens.verifier.verify(token, AUDIENCE.api);
          if (isRevoked) await expect(verified).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
          else if (clock.now() < expiresAt) await verified;
          else await verified.catch(() => undefined);
        }
      }
      await tokens[Symbol.asyncDispose]();
    }),
    { numRuns: 40 },
  );
});
