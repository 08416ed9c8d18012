import { byte, encode, type Field, type Message, string } from '../wire.ts';

// A key exchange of X25519 (RFC 8731 §3) as a server answers it: with a good key of each kind and a wrong signature.

const filled = (length: number, value: number): Field => string(Buffer.alloc(length, value));
const nested = (...fields: Message): Field => string(encode(fields));

/** The base point of the curve. */
const NISTP256_POINT =
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
  '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5';

const ED25519 = nested(string('ssh-ed25519'), filled(32, 1));
const NISTP256 = nested(
  string('ecdsa-sha2-nistp256'),
  string('nistp256'),
  string(Buffer.from(NISTP256_POINT, 'hex')),
);
const RSA = nested(string('ssh-rsa'), string(Buffer.from([1, 0, 1])), filled(256, 0x5b));

const reply = (key: Field, signature: Field): Message => [byte(31), key, filled(32, 9), signature];

/** By the algorithms that its KEXINIT offers. */
export const KEX_REPLIES: readonly { readonly hostKeys: string; readonly reply: Message }[] = [
  { hostKeys: 'ssh-ed25519', reply: reply(ED25519, nested(string('ssh-ed25519'), filled(64, 1))) },
  {
    hostKeys: 'ecdsa-sha2-nistp256',
    reply: reply(NISTP256, nested(string('ecdsa-sha2-nistp256'), nested(filled(32, 1), filled(32, 2)))),
  },
  { hostKeys: 'rsa-sha2-512', reply: reply(RSA, nested(string('rsa-sha2-512'), filled(256, 1))) },
  { hostKeys: 'rsa-sha2-256', reply: reply(RSA, nested(string('rsa-sha2-256'), filled(256, 1))) },
];

/** As `hostkeys-00@openssh.com` shows keys. */
export const HOST_KEYS = [ED25519, NISTP256, RSA];
