import type { Algorithms, MacAlgorithm } from 'ssh2';
import type { SshConfig } from '../../config/factory-config.ts';
import type { KeyExchangeMethod, KeyExchanges } from './ssh2-patch.ts';

/** For AES-CTR: MACs of the ciphertext. */
const ETM = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'] as const;

/**
 * What the gateway offers to students' clients, key exchange and MACs aside: no SHA-1, no CBC.
 * zlib only as `zlib@openssh.com`, which starts after authentication. Each list is in the gateway's order, but it is the client's
 * that decides (RFC 4253 §7.1).
 */
export const OUTER_ALGORITHMS: Omit<Algorithms, 'kex' | 'hmac'> = {
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  compress: ['none', 'zlib@openssh.com'],
};

/**
 * What the gateway offers to students' clients. None over a finite field or NIST's larger curves: one message of a stranger would cost 7 to
 * 15 ms of the only thread there is, an X25519 key 0.1 ms (CVE-2002-20001), and no client of the last ten years needs them.
 */
export function outerKeyExchanges(hybrid: KeyExchangeMethod, wanted: SshConfig['keyExchange']): KeyExchanges {
  if (wanted === 'post_quantum') return [hybrid];
  return [hybrid, 'curve25519-sha256', 'curve25519-sha256@libssh.org'];
}

/** libssh2 before 1.11, as in Debian 12's curl, has AES-CTR alone, and MACs of the plain text alone. */
export function outerMacs(wanted: SshConfig['keyExchange']): MacAlgorithm[] {
  if (wanted === 'post_quantum') return [...ETM];
  return [...ETM, 'hmac-sha2-256', 'hmac-sha2-512'];
}

/** The inner hop never leaves this host, so it takes what is fastest: nobody can record it who could not read it in the container. */
export const INNER_ALGORITHMS: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com'],
  hmac: ['hmac-sha2-256-etm@openssh.com'],
  compress: ['none'],
};
