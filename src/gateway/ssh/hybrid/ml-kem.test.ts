import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { libraryKey, libraryMlKem } from './library-ml-kem.ts';
import type { DecapsulationKey, MlKem } from './ml-kem.ts';
import { nativeKey, nativeMlKem } from './native-ml-kem.ts';

const hex = z.string().transform((text) => Buffer.from(text, 'hex'));

/** Known answers; each says where it is from. */
const VECTORS = z
  .array(
    z.object({
      name: z.string(),
      seed: hex,
      publicKey: hex,
      ciphertext: hex,
      /** What the sender drew; for those whose ciphertext is the right one. */
      message: hex.optional(),
      secret: hex,
    }),
  )
  .parse(JSON.parse(await readFile(join(import.meta.dirname, 'testing/ml-kem-768-vectors.json'), 'utf8')));

interface Implementation {
  readonly name: string;
  readonly kem: MlKem;
  readonly keyOf: (seed: Buffer) => DecapsulationKey;
}

const LIBRARY: Implementation = {
  name: 'the library',
  kem: libraryMlKem,
  keyOf: (seed) => libraryKey(ml_kem768.keygen(seed)),
};

/** Nothing where this Node has none. */
function native(): readonly Implementation[] {
  const kem = nativeMlKem();
  const keyOf = (seed: Buffer): DecapsulationKey =>
    nativeKey(createPrivateKey({ key: seed, format: 'raw-seed', asymmetricKeyType: 'ml-kem-768' }));
  return kem === undefined ? [] : [{ name: "Node's own", kem, keyOf }];
}

const ALL = [LIBRARY, ...native()];

test('Node has it from 24.7 on', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  expect(ALL).toHaveLength(major > 24 || (major === 24 && minor >= 7) ? 2 : 1);
});

describe.each(ALL)('$name', ({ kem, keyOf }) => {
  test.each(VECTORS)('known answer: $name', ({ seed, publicKey, ciphertext, secret }) => {
    const key = keyOf(seed);
    expect(key.publicKey).toEqual(publicKey);
    expect(key.decapsulate(ciphertext)).toEqual(secret);
  });

  test.each(ALL)('what it encapsulates, $name opens', (other) => {
    const key = other.kem.generate();
    const { ciphertext, secret } = kem.encapsulate(key.publicKey);
    expect([key.publicKey.length, ciphertext.length, secret.length]).toEqual([1184, 1088, 32]);
    expect(key.decapsulate(ciphertext)).toEqual(secret);
  });

  test('a ciphertext for another key, or a changed one, leads to another secret', () => {
    const key = kem.generate();
    const { ciphertext, secret } = kem.encapsulate(key.publicKey);
    expect(kem.generate().decapsulate(ciphertext)).not.toEqual(secret);
    ciphertext[1087] = (ciphertext[1087] ?? 0) ^ 1;
    expect(key.decapsulate(ciphertext)).not.toEqual(secret);
  });

  test('a key with a coefficient that is not below 3329 is refused, wherever it is', () => {
    const { publicKey } = kem.generate();
    const coefficient = fc.nat({ max: 767 });
    fc.assert(
      fc.property(coefficient, fc.integer({ min: 3329, max: 4095 }), (at, value) => {
        expect(() => kem.encapsulate(withCoefficient(publicKey, at, value))).toThrow();
      }),
    );
    fc.assert(
      fc.property(coefficient, fc.nat({ max: 3328 }), (at, value) => {
        expect(() => kem.encapsulate(withCoefficient(publicKey, at, value))).not.toThrow();
      }),
      { numRuns: 20 },
    );
  });

  test.each([0, 1, 1183, 1185, 2400])('a key of %i bytes is refused', (length) => {
    expect(() => kem.encapsulate(Buffer.alloc(length))).toThrow();
  });

  test.each([0, 1, 1087, 1089])('a ciphertext of %i bytes is refused', (length) => {
    expect(() => kem.generate().decapsulate(Buffer.alloc(length))).toThrow();
  });
});

test.each(VECTORS.filter(({ message }) => message !== undefined))(
  'the library encapsulates: $name',
  (vector) => {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(vector.publicKey, vector.message);
    expect([Buffer.from(cipherText), Buffer.from(sharedSecret)]).toEqual([vector.ciphertext, vector.secret]);
  },
);

/** ByteEncode12 (FIPS 203, algorithm 5): two coefficients in three bytes, the lower bits first. */
function withCoefficient(publicKey: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(publicKey);
  const offset = Math.floor(at / 2) * 3;
  const both = changed.readUIntLE(offset, 3);
  const fresh = at % 2 === 0 ? (both & 0xfff000) | value : (both & 0x000fff) | (value << 12);
  changed.writeUIntLE(fresh, offset, 3);
  return changed;
}
