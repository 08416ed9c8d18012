import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { libraryKey, libraryMlKem } from './library-ml-kem.ts';
import { mlkem768x25519 } from './mlkem768x25519.ts';

const method = mlkem768x25519(libraryMlKem);

/** X25519 public keys of small order: with each the secret is zero, whatever the other side's key (RFC 7748 §6.1). */
const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];

const text = z.string().transform((said) => Buffer.from(said));
const hex = z.string().transform((said) => Buffer.from(said, 'hex'));

/** A key exchange with OpenSSH as the server, and the private keys that the client had. */
const RECORDED = z
  .object({
    clientVersion: text,
    serverVersion: text,
    clientKexInit: hex,
    serverKexInit: hex,
    hostKey: hex,
    kemSeed: hex,
    x25519: hex,
    reply: hex,
    secret: hex,
    signature: hex,
  })
  .parse(JSON.parse(await readFile(join(import.meta.dirname, 'testing/recorded-exchange.json'), 'utf8')));

test('OpenSSH signed what the recorded exchange leads to: the messages, and the secret as a string', () => {
  const { clientVersion, serverVersion, clientKexInit, serverKexInit, hostKey, reply } = RECORDED;
  const generate = () => libraryKey(ml_kem768.keygen(RECORDED.kemSeed));
  const x25519 = createPrivateKey({ key: RECORDED.x25519, format: 'der', type: 'pkcs8' });
  const client = mlkem768x25519({ ...libraryMlKem, generate }, () => x25519).start();
  const secret = client.finish(reply);
  expect(secret).toEqual(RECORDED.secret);
  // RFC 5656 §4, with a string in the place of the mpint K.
  const hash = createHash('sha256');
  const parts = [
    clientVersion,
    serverVersion,
    clientKexInit,
    serverKexInit,
    hostKey,
    client.init,
    reply,
    secret,
  ];
  for (const part of parts) hash.update(string(part));
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: hostKey.subarray(-32).toString('base64url') },
    format: 'jwk',
  });
  expect(verify(null, hash.digest(), key, RECORDED.signature.subarray(-64))).toBe(true);
});

test('both sides come to the same secret of 32 bytes, and to a new one each time', () => {
  const client = method.start();
  const { reply, secret } = method.answer(client.init);
  expect([client.init.length, reply.length, secret.length]).toEqual([1216, 1120, 32]);
  expect(client.finish(reply)).toEqual(secret);
  expect(method.answer(client.init).secret).not.toEqual(secret);
});

test.each(SMALL_ORDER)('a secret of zeros is refused by either side: %s', (point) => {
  const client = method.start();
  const { reply } = method.answer(client.init);
  expect(() => method.answer(withX25519(client.init, point))).toThrow();
  expect(() => client.finish(withX25519(reply, point))).toThrow();
});

test('a message that is cut off or too long is refused by either side', () => {
  const client = method.start();
  const { reply } = method.answer(client.init);
  fc.assert(
    fc.property(fc.nat({ max: 3000 }), (length) => {
      if (length !== 1216) expect(() => method.answer(sized(client.init, length))).toThrow(/bytes/);
      if (length !== 1120) expect(() => client.finish(sized(reply, length))).toThrow(/bytes/);
    }),
  );
});

test('whatever else comes leads to a secret or to an error', () => {
  const client = method.start();
  const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(1216), bytes(1120), (init, reply) => {
      for (const attempt of [
        () => method.answer(Buffer.from(init)).secret,
        () => client.finish(Buffer.from(reply)),
      ]) {
        const result = outcome(attempt);
        expect(result instanceof Error || result.length === 32).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

/** RFC 4251 §5. */
function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function withX25519(message: Buffer, point: string): Buffer {
  return Buffer.concat([message.subarray(0, -32), Buffer.from(point, 'hex')]);
}

function sized(message: Buffer, length: number): Buffer {
  return Buffer.concat([message, Buffer.alloc(3000)]).subarray(0, length);
}

function outcome(attempt: () => Buffer): Buffer | Error {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
