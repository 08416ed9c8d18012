import { createHash } from 'node:crypto';
import type { PublicKey } from '../../identity/public-key.ts';

/** Where students' clients find the gateway. */
export interface PublicPlace {
  readonly host: string;
  /** 0: a free one, which nobody knows beforehand. */
  readonly port: number;
}

/** The numbers of RFC 4255 §3.1, RFC 6594 and RFC 7479. */
const SSHFP_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ['ssh-rsa', 1],
  ['ecdsa-sha2-nistp256', 3],
  ['ecdsa-sha2-nistp384', 3],
  ['ecdsa-sha2-nistp521', 3],
  ['ssh-ed25519', 4],
]);

/** Of an SSHFP record: SHA-1 (RFC 4255 §3.1.2), and SHA-256 (RFC 6594 §4). Only the second is published. */
const SSHFP_HASHES = { 1: 'sha1', 2: 'sha256' } as const;
type SshfpHash = keyof typeof SSHFP_HASHES;
const PUBLISHED_HASH = 2;

/** What an SSHFP record holds. */
export interface Sshfp {
  readonly algorithm: number;
  readonly hash: number;
  /** Hexadecimal, lower case. */
  readonly fingerprint: string;
}

/** A line of known_hosts(5). A client that does not find a host with its port looks for the bare name too. */
export function knownHostsLine({ host, port }: PublicPlace, { type, blob }: PublicKey): string {
  const name = port === 22 || port === 0 ? host : `[${host}]:${port}`;
  return `${name} ${type} ${blob.toString('base64')}`;
}

/** Undefined for a type of key that has no number. */
export function sshfpOf({ type, blob }: PublicKey, hash: SshfpHash = PUBLISHED_HASH): Sshfp | undefined {
  const algorithm = SSHFP_ALGORITHMS.get(type);
  if (algorithm === undefined) return undefined;
  return { algorithm, hash, fingerprint: createHash(SSHFP_HASHES[hash]).update(blob).digest('hex') };
}

/** A line of a zone file (RFC 4255 §3.2). A record is of a name, whichever port. */
export function sshfpLine(host: string, { algorithm, hash, fingerprint }: Sshfp): string {
  return `${host}. 300 IN SSHFP ${algorithm} ${hash} ${fingerprint}`;
}

/** "ed25519", as people say it. */
export function typeInWords({ type }: PublicKey): string {
  return type === 'ssh-rsa' ? 'RSA' : type.replace(/^ssh-/, '');
}
