import { type KeyReading, type PublicKey, readPublicKey } from './public-key.ts';

/** What a file in the authorized_keys format (sshd(8), AUTHORIZED_KEYS FILE FORMAT) lists. Lines count from 1. */
export interface AuthorizedKeys {
  readonly keys: readonly PublicKey[];
  /** Lines with a key that may not log in, each with the reason. */
  readonly unusable: readonly { readonly line: number; readonly type: string; readonly reason: string }[];
  /** Lines that are neither a key nor a comment nor blank. */
  readonly unreadable: readonly number[];
}

export type KeyLine = KeyReading | { readonly kind: 'blank' };

const OPTION = String.raw`[A-Za-z0-9-]+(?:="(?:\\"|[^"\\]|\\(?!"))*")?`;
const OPTIONS = new RegExp(`^${OPTION}(?:,${OPTION})*(?=[ \\t])`);
const KEY_FIELDS = /^([^ \t]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]|$)/;

/**
 * Options that narrow what a session may do: in a lab of the user's own they are of no use and are skipped. The others
 * (from, expiry-time, cert-authority, verify-required…) narrow who may log in: skipping them would let in more than the
 * line says, so such a line is unusable.
 */
const SKIPPED_OPTIONS: ReadonlySet<string> = new Set([
  'agent-forwarding',
  'command',
  'environment',
  'no-agent-forwarding',
  'no-port-forwarding',
  'no-pty',
  'no-touch-required',
  'no-user-rc',
  'no-x11-forwarding',
  'permitlisten',
  'permitopen',
  'port-forwarding',
  'pty',
  'restrict',
  'tunnel',
  'user-rc',
  'x11-forwarding',
]);

/** Reads a whole file; LF and CRLF both end a line, and a byte order mark before the first is passed over. Never throws. */
export function parseAuthorizedKeys(text: string): AuthorizedKeys {
  const keys: PublicKey[] = [];
  const unusable: { line: number; type: string; reason: string }[] = [];
  const unreadable: number[] = [];
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const reading = parseAuthorizedKeysLine(content);
    if (reading.kind === 'usable') keys.push(reading.key);
    if (reading.kind === 'unusable') unusable.push({ line, type: reading.key.type, reason: reading.reason });
    if (reading.kind === 'malformed') unreadable.push(line);
  }
  return { keys, unusable, unreadable };
}

/** Reads one line: `[options] type base64 [comment]`. Never throws. */
export function parseAuthorizedKeysLine(text: string): KeyLine {
  const line = text.trim();
  if (line === '' || line.startsWith('#')) return { kind: 'blank' };
  // As sshd does: a key first, options only where the line does not begin with one.
  const plain = readKeyFields(line);
  if (plain.kind !== 'malformed') return plain;
  const options = OPTIONS.exec(line)?.[0];
  if (options === undefined) return { kind: 'malformed' };
  const reading = readKeyFields(line.slice(options.length).trimStart());
  if (reading.kind !== 'usable') return reading;
  const binding = optionNames(options).find((name) => !SKIPPED_OPTIONS.has(name));
  if (binding === undefined) return reading;
  return { kind: 'unusable', key: reading.key, reason: `its option "${binding}" cannot be honoured` };
}

function readKeyFields(line: string): KeyReading {
  const [, type, base64] = KEY_FIELDS.exec(line) ?? [];
  if (type === undefined || base64 === undefined) return { kind: 'malformed' };
  const blob = Buffer.from(base64, 'base64');
  // Node reads any text as base64; only what it would write itself has not lost a character.
  if (blob.toString('base64') !== base64) return { kind: 'malformed' };
  const reading = readPublicKey(blob);
  return reading.kind !== 'malformed' && reading.key.type === type ? reading : { kind: 'malformed' };
}

function optionNames(options: string): string[] {
  return Array.from(options.matchAll(new RegExp(OPTION, 'g')), ([option]) =>
    option.replace(/=.*$/s, '').toLowerCase(),
  );
}
