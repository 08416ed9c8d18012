/**
 * The software version (RFC 4253 §4.2, without a minus sign) that both sides of the gateway give. OpenSSH sends
 * `eow@openssh.com` and `no-more-sessions@openssh.com` only to peers whose version begins with "OpenSSH" (its PROTOCOL §2.1, compat.c):
 * without the first `ssh lab yes | head -1` never returns. No version number follows, because those stand for the faults of old ones.
 */
export const OPENSSH_IDENT = 'OpenSSH_SSHLabFactory';

/** Whether the peer with this identification string knows OpenSSH's own messages. */
export function isOpenSsh(identification: string): boolean {
  return /^SSH-(?:2\.0|1\.99)-OpenSSH/.test(identification);
}
