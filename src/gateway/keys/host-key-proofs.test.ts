import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WireReader, wireString } from '../../identity/wire-reader.ts';
import { HostKeyProofs, provableKeys } from './host-key-proofs.ts';
import { type HostKey, openHostKeys } from './host-keys.ts';

const SESSION = Buffer.from('the hash of the first exchange');

let data: string;
let keys: readonly HostKey[];
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'host-key-proofs-'));
  keys = await openHostKeys(data);
});
afterAll(() => rm(data, { recursive: true }));

const proofs = (hostKeyAlgorithm = 'ssh-ed25519') =>
  new HostKeyProofs(provableKeys(keys), SESSION, hostKeyAlgorithm);
const requestOf = (...blobs: readonly Buffer[]) => Buffer.concat(blobs.map(wireString));
const blobs = () => keys.map(({ publicKey }) => publicKey.blob);

/** The algorithm of each signature of a reply, all of which must be good. */
function algorithmsOf(reply: Buffer | undefined): readonly string[] {
  const reader = new WireReader(reply ?? Buffer.alloc(0));
  return keys.map(({ privateKey, publicKey }) => {
    const signature = new WireReader(reader.string() ?? Buffer.alloc(0));
    const algorithm = signature.string()?.toString() ?? '';
    const key = ssh2.utils.parseKey(privateKey);
    if (key instanceof Error) throw key;
    const signed = requestOf(Buffer.from('hostkeys-prove-00@openssh.com'), SESSION, publicKey.blob);
    const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
    expect(key.verify(signed, signature.string() ?? Buffer.alloc(0), hash)).toBe(true);
    return algorithm;
  });
}

test.each([
  ['ssh-ed25519', 'rsa-sha2-512'],
  ['rsa-sha2-512', 'rsa-sha2-512'],
  ['rsa-sha2-256', 'rsa-sha2-256'],
  ['ssh-rsa', 'rsa-sha2-512'],
])('after a key exchange by %s an RSA key signs by %s', async (negotiated, expected) => {
  const reply = await proofs(negotiated).prove(requestOf(...blobs()));
  expect(algorithmsOf(reply)).toEqual(['ssh-ed25519', expected]);
});

test('a key is proven once in a connection, also to requests that come at once', async () => {
  const connection = proofs();
  const [ed25519 = SESSION, rsa = SESSION] = blobs();
  const [first, second] = await Promise.all([
    connection.prove(requestOf(ed25519)),
    connection.prove(requestOf(ed25519)),
  ]);
  expect([first === undefined, second === undefined]).toEqual([false, true]);
  expect(await connection.prove(requestOf(rsa))).toBeDefined();
  expect(await connection.prove(requestOf(rsa))).toBeUndefined();
});

test.each<[string, () => Buffer]>([
  ['nothing', () => Buffer.alloc(0)],
  ['the same key twice', () => requestOf(...blobs(), ...blobs())],
  ['a key that is not ours', () => requestOf(...blobs(), wireString('ssh-ed25519'))],
  [
    'a length without content',
    () => Buffer.concat([requestOf(...blobs()), Buffer.from([255, 255, 255, 255])]),
  ],
  ['thousands', () => requestOf(...Array.from({ length: 3_000 }, () => Buffer.from('a key')))],
])('a request with %s is refused as a whole, and uses nothing up', async (_, request) => {
  const connection = proofs();
  expect(await connection.prove(request())).toBeUndefined();
  expect(algorithmsOf(await connection.prove(requestOf(...blobs())))).toHaveLength(2);
});

test('whatever comes, there is a reply or a refusal, and no more signatures than keys', async () => {
  const piece = fc.oneof(
    fc.constantFrom('ed25519', 'rsa').map((type) =>
      requestOf(
        ...blobs()
          .slice(type === 'rsa' ? 1 : 0)
          .slice(0, 1),
      ),
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const requests = fc.array(
    fc.array(piece, { maxLength: 4 }).map((pieces) => Buffer.concat(pieces)),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      const connection = proofs();
      const replies = await Promise.all(all.map((request) => connection.prove(request)));
      const size = replies.reduce((sum, reply) => sum + (reply?.length ?? 0), 0);
      // 83 bytes and 408 bytes are what the two signatures take.
      expect(size).toBeLessThanOrEqual(600);
    }),
    { numRuns: 200 },
  );
});

test('nothing is announced where a key in use could not be proven', () => {
  const asIf = (isInUse: boolean) =>
    provableKeys(
      keys.map((key) => {
        const isForeign = key.publicKey.type === 'ssh-ed25519';
        return isForeign
          ? { ...key, isInUse, publicKey: { ...key.publicKey, type: 'ecdsa-sha2-nistp256' } }
          : key;
      }),
    ).map(({ type }) => type);
  expect(asIf(true)).toEqual([]);
  expect(asIf(false)).toEqual(['ssh-rsa']);
});
