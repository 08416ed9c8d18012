/**
 * An SSH public key: its type and its wire form (RFC 4253 §6.6), compared as bytes. Comments and options of the line that
 * it came from are not part of it.
 */
export interface PublicKey {
  /** "ssh-ed25519", "sk-ssh-ed25519@openssh.com", … */
  readonly type: string;
  readonly blob: Buffer;
  /** "SHA256:" and unpadded base64, as ssh-keygen -l prints it. */
  readonly fingerprint: string;
}
