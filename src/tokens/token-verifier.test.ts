import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { base64url, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { startProcessorTime } from '../time/testing/processor-time.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { CLOCK_TOLERANCE } from './lifetimes.ts';
import { AUDIENCE, type Audience } from './principal.ts';
import { ALICE, CAROL, ISSUER, oneKey, PRINCIPALS } from './testing/some-tokens.ts';
import { createTokenIssuer } from './token-issuer.ts';
import { createTokenVerifier } from './token-verifier.ts';
import type { TokenIssuer, TokenVerifier } from './tokens.ts';

const MINUTE = 60_000;

let clock: VirtualClock;
let keys: Awaited<ReturnType<typeof oneKey>>;
let issuer: TokenIssuer;
let verifier: TokenVerifier;
/** Of a token that is good; each test takes it as its positive control. */
let good: string;
beforeEach(async () => {
  clock = new VirtualClock();
  keys = await oneKey(clock);
  issuer = createTokenIssuer({ issuer: ISSUER, keys, clock });
  verifier = createTokenVerifier({ issuer: ISSUER, keys, clock });
  ({ token: good } = await issuer.issue(ALICE, AUDIENCE.api, 5 * MINUTE));
});

/** Refused, with a message that is always the same and a detail that has nothing of the token; the good one is taken. */
async function expectRefused(token: string, detail = /./, audience: Audience = AUDIENCE.api) {
  const error: unknown = await verifier.verify(token, audience).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'TOKEN_REFUSED',
    message: 'The token is not valid, or not any more; ask for a new one (factory token create).',
    detail: expect.stringMatching(detail),
  });
  for (const part of token.split('.').filter((text) => text.length > 8)) {
    expect(inspect(error, { depth: 9 })).not.toContain(part);
  }
  if (clock.now() < 1_300_000) expect((await verifier.verify(good, AUDIENCE.api)).principal).toEqual(ALICE);
}

function claims(changes: Record<string, unknown> = {}): JWTPayload {
  const now = clock.now() / 1_000;
  return {
    iss: ISSUER,
    aud: AUDIENCE.api,
    sub: 'alice',
    role: 'student',
    lab: 'k3s',
    iat: now,
    nbf: now,
    exp: now + 300,
    jti: '0e37df36-f698-11e6-8dd4-cb9ced3df976',
    ...changes,
  };
}

/** As the issuer signs, with other claims or another header. */
function sign(payload: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  const { kid, privateKey } = keys.current();
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid, ...header })
    .sign(privateKey);
}

test('what was issued comes out again, for whoever it is', async () => {
  for (const principal of PRINCIPALS) {
    for (const audience of Object.values(AUDIENCE)) {
      const { token, expiresAt } = await issuer.issue(principal, audience, MINUTE);
      expect(await verifier.verify(token, audience)).toEqual({ principal, issuedAt: clock.now(), expiresAt });
    }
  }
});

test('the claims that the tests change are taken as they are', async () => {
  expect((await verifier.verify(await sign(claims()), AUDIENCE.api)).principal).toEqual(ALICE);
});

test('for another service it is refused', async () => {
  await expectRefused(good, /"aud"/, AUDIENCE.clusterService);
});

describe('its time', () => {
  test('ends it, with a little patience for clocks', async () => {
    await clock.advance(5 * MINUTE + CLOCK_TOLERANCE - 1);
    await verifier.verify(good, AUDIENCE.api);
    await clock.advance(1);
    await expectRefused(good, /exp/);
  });

  test.each([
    ['not valid yet', { nbf: 1_060 }],
    ['made in the future', { iat: 1_060 }],
    ['without an end', { exp: undefined }],
    ['with an end of the wrong kind', { exp: '2000' }],
    ['without a beginning', { iat: undefined }],
    ['without nbf', { nbf: undefined }],
    ['that lasts longer than its role may', { exp: 1_000 + 15 * 60 + 1 }],
    ['with an end far beyond all times', { exp: 1e300 }],
  ])('%s', async (_what, changes) => {
    await expectRefused(await sign(claims(changes)));
  });
});

describe('signed by us, but', () => {
  test.each<[string, Record<string, unknown>]>([
    ['of another factory', { iss: 'urn:ssh-lab-factory:efgh5678' }],
    ['of an issuer that begins alike', { iss: `${ISSUER}x` }],
    ['of no issuer', { iss: undefined }],
    ['for no service', { aud: undefined }],
    ['for several services', { aud: [AUDIENCE.api, AUDIENCE.clusterService] }],
    ['for a service in capitals', { aud: AUDIENCE.api.toUpperCase() }],
    ['of no role', { role: undefined }],
    ['of a role that there is not', { role: 'root' }],
    ['of a user name that is none', { sub: '../etc' }],
    ['of no user', { sub: undefined }],
    ['of a lab that is none', { lab: 'K3S!' }],
    ['of no lab', { lab: undefined }],
    ['with a claim that nobody knows', { act: { sub: 'bob' } }],
    ['of a student with groups', { groups: ['class-a'] }],
    ['of an admin with a lab', { role: 'admin' }],
    ['of an instructor with groups that are none', { role: 'instructor', lab: undefined, groups: 'class-a' }],
    ['without an id', { jti: undefined }],
    ['with an id of a shape that is none', { jti: 'x' }],
  ])('%s', async (_what, changes) => {
    await expectRefused(await sign(claims(changes)));
  });

  test.each<[string, Record<string, unknown>]>([
    ['of another type', { typ: 'at+jwt' }],
    ['of no type', { typ: undefined }],
    ['of an unknown key', { kid: 'A'.repeat(43) }],
    ['of no key', { kid: undefined }],
    ['of a key with a long name', { kid: 'A'.repeat(65) }],
    ['of a key in a folder', { kid: '../../etc/passwd' }],
    ['of a key named __proto__', { kid: '__proto__' }],
    ['with a key of its own', { jwk: { kty: 'OKP' } }],
    ['with a place to get the key from', { jku: 'http://127.0.0.1/' }],
    ['with the newer name of the algorithm', { alg: 'Ed25519' }],
  ])('%s', async (_what, header) => {
    await expectRefused(await sign(claims(), header));
  });
});

describe('a signature', () => {
  test('of none is none', async () => {
    await expectRefused(new UnsecuredJWT(claims()).encode());
    const [, payload = ''] = good.split('.');
    const { kid } = keys.current();
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = base64url.encode(JSON.stringify({ alg, typ: 'JWT', kid }));
      await expectRefused(`${header}.${payload}.`);
    }
  });

  test('by HMAC with the public key as the secret is none', async () => {
    const { kid, publicKey } = keys.current();
    const jwk = publicKey.export({ format: 'jwk' });
    const secrets = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from(jwk.x ?? '', 'base64url'),
      jwk.x ?? '',
      JSON.stringify(jwk),
    ];
    const [, payload = ''] = good.split('.');
    for (const alg of ['HS256', 'EdDSA']) {
      const signed = `${base64url.encode(JSON.stringify({ alg, typ: 'JWT', kid }))}.${payload}`;
      for (const secret of secrets) {
        const signature = createHmac('sha256', secret).update(signed).digest('base64url');
        await expectRefused(`${signed}.${signature}`);
      }
    }
  });

  test('by the key of somebody else, under our name, is none', async () => {
    const other = await oneKey(clock);
    const { kid } = keys.current();
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
      .sign(other.current().privateKey);
    await expectRefused(token, /SIGNATURE/);
  });

  test('of another token is none of this one', async () => {
    const { token: other } = await issuer.issue(CAROL, AUDIENCE.api, MINUTE);
    const [header, , signature] = good.split('.');
    await expectRefused([header, other.split('.')[1], signature].join('.'), /SIGNATURE/);
  });
});

test('whatever is changed in it, in any segment, it is refused', async () => {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \0ä';
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...characters), async (at, character) => {
      fc.pre(good[at] !== character);
      // The last character of a segment has bits that no byte uses: another one with the same bytes is the same token.
      const changed = good.slice(0, at) + character + good.slice(at + 1);
      fc.pre(!sameBytes(changed, good));
      await expectRefused(changed);
    }),
    { numRuns: 500 },
  );
});

function sameBytes(one: string, other: string): boolean {
  const bytes = (token: string) =>
    token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
  const isPlain = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(one);
  return isPlain && bytes(one).join() === bytes(other).join();
}

test('garbage is refused, and quickly however long it is', async () => {
  const segment = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((text) => base64url.encode(text)),
  );
  const token = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(segment, { maxLength: 6 }).map((all) => all.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      await expect(verifier.verify(text, AUDIENCE.api)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    }),
    { numRuns: 500 },
  );
  const worked = startProcessorTime();
  for (const part of ['a', '.', good, '{"a":', 'eyJ']) {
    await expectRefused(part.repeat(10_000_000 / part.length), /characters/);
  }
  expect(worked()).toBeLessThan(2_000);
});

test('whatever the claims are, there is a principal or a refusal', async () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.constantFrom('admin', 'instructor'),
  );
  const names = fc.constantFrom(
    'iss',
    'aud',
    'sub',
    'role',
    'lab',
    'groups',
    'iat',
    'nbf',
    'exp',
    'jti',
    '__proto__',
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, value, { minKeys: 1, maxKeys: 3 }), async (changes) => {
      const token = await sign(claims(changes));
      const result = await verifier.verify(token, AUDIENCE.api).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ code: 'TOKEN_REFUSED' });
      else expect(result).toMatchObject({ principal: { role: expect.any(String) } });
    }),
    { numRuns: 500 },
  );
});

test('a token that was revoked is refused, and another one is not', async () => {
  const { token: carols } = await issuer.issue(CAROL, AUDIENCE.api, MINUTE);
  verifier = createTokenVerifier({
    issuer: ISSUER,
    keys,
    clock,
    revoked: { isRevoked: ({ principal }) => principal.role === 'instructor' },
  });
  await expectRefused(carols, /revoked/);
});
