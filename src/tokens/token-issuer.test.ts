import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { AUDIENCE, type Principal } from './principal.ts';
import { ALICE, CAROL, DAVE, GATEWAY, ISSUER, oneKey, PRINCIPALS } from './testing/some-tokens.ts';
import { createTokenIssuer } from './token-issuer.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

async function issuerOfNow() {
  const clock = new VirtualClock();
  const keys = await oneKey(clock);
  return { clock, keys, issuer: createTokenIssuer({ issuer: ISSUER, keys, clock }) };
}

test('a token says who made it, for what, for whom, and how long', async () => {
  const { clock, keys, issuer } = await issuerOfNow();
  const { token, expiresAt } = await issuer.issue(ALICE, AUDIENCE.api, 5 * MINUTE);
  expect(expiresAt).toBe(clock.now() + 5 * MINUTE);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: keys.current().kid });
  expect(decodeJwt(token)).toEqual({
    iss: ISSUER,
    aud: AUDIENCE.api,
    sub: 'alice',
    role: 'student',
    lab: 'k3s',
    iat: clock.now() / 1_000,
    nbf: clock.now() / 1_000,
    exp: expiresAt / 1_000,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('no two tokens have one id', async () => {
  const { issuer } = await issuerOfNow();
  const tokens = PRINCIPALS.flatMap((each) => [each, each]).map((each) =>
    issuer.issue(each, AUDIENCE.api, MINUTE),
  );
  const ids = (await Promise.all(tokens)).map(({ token }) => decodeJwt(token).jti);
  expect(new Set(ids).size).toBe(2 * PRINCIPALS.length);
});

test.each<[string, Principal, number]>([
  ['student', ALICE, 15 * MINUTE],
  ['instructor', CAROL, 90 * DAY],
  ['admin', DAVE, 90 * DAY],
  ['gateway', GATEWAY, 5 * MINUTE],
])('a token of the role %s lasts so long at most', async (_role, principal, longest) => {
  const { issuer } = await issuerOfNow();
  await issuer.issue(principal, AUDIENCE.api, longest);
  await issuer.issue(principal, AUDIENCE.api, 1_000);
  for (const lifetime of [longest + 1, 999, 0, -1, Number.NaN, Infinity]) {
    await expect(issuer.issue(principal, AUDIENCE.api, lifetime)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  }
});

test.each<[string, Principal]>([
  ['no name', { role: 'admin', name: '' }],
  ['a name with a space', { role: 'admin', name: 'the admin' }],
  ['a name that is too long', { role: 'instructor', name: 'c'.repeat(65), groups: ['a'] }],
  ['no group', { role: 'instructor', name: 'carol', groups: [] }],
  ['a group of two lines', { role: 'instructor', name: 'carol', groups: ['a\nb'] }],
  ['too many groups', { role: 'instructor', name: 'carol', groups: Array(33).fill('a') }],
])('none is made for %s', async (_what, principal) => {
  const { issuer } = await issuerOfNow();
  await expect(issuer.issue(principal, AUDIENCE.api, MINUTE)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
  await issuer.issue(
    { role: 'instructor', name: 'carol', groups: Array(32).fill('ä'.repeat(64)) },
    AUDIENCE.api,
    MINUTE,
  );
});
