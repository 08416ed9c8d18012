import type { Algorithms } from 'ssh2';
import type { SshConfig } from '../../config/factory-config.ts';
import type { KeyExchangeMethod, KeyExchanges } from './ssh2-patch.ts';

/**
 * What the gateway offers to students' clients, key exchange aside: no SHA-1, no CBC, and with CTR only MACs of the ciphertext.
 * zlib only as `zlib@openssh.com`, which starts after authentication. Each list is in the gateway's order, but it is the client's
 * that decides (RFC 4253 §7.1).
 */
export const OUTER_ALGORITHMS: Omit<Algorithms, 'kex'> = {
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
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

/** The inner hop never leaves this host, so it takes what is fastest: nobody can record it who could not read it in the container. */
export const INNER_ALGORITHMS: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com'],
  hmac: ['hmac-sha2-256-etm@openssh.com'],
  compress: ['none'],
};
