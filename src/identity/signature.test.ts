import fc from 'fast-check';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { signatureAlgorithm, verifySignature } from './signature.ts';
import { algorithmsOf, KEY_TYPES, makeTestKey, type TestKey } from './testing/test-keys.ts';
import { WireReader, wireString } from './wire-reader.ts';

/** What ssh2's server makes of a signature blob before `ctx.signature`; openssh-interop.test.ts holds it to be so. */
function asSsh2HandsOut(blob: Buffer): Buffer {
  const algorithm = new WireReader(blob).string() ?? Buffer.alloc(0);
  const inner = blob.subarray(4 + algorithm.length + 4);
  if (!algorithm.toString().startsWith('ecdsa-')) return inner;
  const reader = new WireReader(inner);
  const integers = [reader.string(), reader.string()].map((integer) => der(0x02, integer ?? Buffer.alloc(0)));
  return der(0x30, Buffer.concat(integers));
}

function der(tag: number, content: Buffer): Buffer {
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

const data = Buffer.from('session id and request');
const signed = (key: TestKey, algorithm: string, ...rest: [number?, number?]) =>
  asSsh2HandsOut(key.sign(algorithm, data, ...rest));

const cases = KEY_TYPES.flatMap((type) => algorithmsOf(type).map((algorithm) => [algorithm, type] as const));

describe.each(cases)('%s with a key of %s', (algorithm, type) => {
  const mine = makeTestKey(type);

  test('is verified', () => {
    expect(verifySignature(mine.key, algorithm, data, signed(mine, algorithm))).toBe(true);
  });

  test('is refused for other data, another key or another algorithm', () => {
    const signature = signed(mine, algorithm);
    expect(verifySignature(mine.key, algorithm, Buffer.concat([data, data]), signature)).toBe(false);
    expect(verifySignature(makeTestKey(type).key, algorithm, data, signature)).toBe(false);
    for (const [other] of cases.filter(([name]) => name !== algorithm)) {
      expect(verifySignature(mine.key, other, data, signature)).toBe(false);
    }
  });

  test('is refused with any bit changed, and cut or lengthened at any place', () => {
    const signature = signed(mine, algorithm);
    fc.assert(
      fc.property(fc.nat(signature.length * 8 - 1), fc.nat(signature.length - 1), (bit, cut) => {
        const changed = Buffer.from(signature);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifySignature(mine.key, algorithm, data, changed)).toBe(false);
        expect(verifySignature(mine.key, algorithm, data, signature.subarray(0, cut))).toBe(false);
        const longer = Buffer.concat([signature, Buffer.of(cut & 0xff)]);
        expect(verifySignature(mine.key, algorithm, data, longer)).toBe(false);
      }),
    );
  });
});

describe.each(KEY_TYPES.filter((type) => type.startsWith('sk-')))('a security key of %s', (type) => {
  const mine = makeTestKey(type);

  test('must have been touched', () => {
    expect(verifySignature(mine.key, type, data, signed(mine, type, 0))).toBe(false);
    expect(verifySignature(mine.key, type, data, signed(mine, type, 4))).toBe(false);
    expect(verifySignature(mine.key, type, data, signed(mine, type, 5, 0xffffffff))).toBe(true);
  });

  test('signs for its own application only', () => {
    const blob = Buffer.concat([mine.key.blob.subarray(0, -8), wireString('abc:')]);
    expect(verifySignature({ ...mine.key, blob }, type, data, signed(mine, type))).toBe(false);
  });
});

test('SHA-1 is refused though the signature is right', () => {
  const mine = makeTestKey('ssh-rsa');
  const signature = signed(mine, 'ssh-rsa');
  const parsed = ssh2.utils.parseKey(mine.line);
  if (parsed instanceof Error) throw parsed;
  expect(parsed.verify(data, signature)).toBe(true);
  expect(verifySignature(mine.key, 'ssh-rsa', data, signature)).toBe(false);
});

test('a point that is not on the curve verifies nothing', () => {
  const mine = makeTestKey('ecdsa-sha2-nistp256');
  const blob = Buffer.from(mine.key.blob);
  blob.subarray(-64).fill(0x55);
  const signature = signed(mine, mine.key.type);
  expect(verifySignature({ ...mine.key, blob }, mine.key.type, data, signature)).toBe(false);
});

test('the algorithm is put together from what ssh2 splits', () => {
  expect(signatureAlgorithm('ssh-rsa', 'sha512')).toBe('rsa-sha2-512');
  expect(signatureAlgorithm('ssh-rsa', undefined)).toBe('ssh-rsa');
  expect(signatureAlgorithm('ssh-ed25519', undefined)).toBe('ssh-ed25519');
});
