import type { Knowledge } from './identity.ts';
import type { KeyReading } from './public-key.ts';

/** A source may list hundreds of keys; this many are enough to see what is wrong. */
const MOST_LISTED = 20;

/** In the place of an explanation, where nobody may learn which names there are. */
export const UNEXPLAINED_REFUSAL =
  'This login is refused. Check the user name before the @ and your SSH key, or ask the operator.\n';

/**
 * Tells somebody whose login was refused why, and what to do: plain lines of printable ASCII, each ended by LF. It says no
 * more than the source shows to anybody: fingerprints of private lists are left out.
 *
 * @param user the name as the client sent it; anything in it that is not printable is escaped
 * @param offered the keys that the client offered, read with `readPublicKey`
 */
export function explainRefusal(user: string, offered: readonly KeyReading[], knowledge: Knowledge): string {
  const lines = [...explainKnowledge(printable(user), knowledge), ...explainOffered(offered)];
  return `${lines.join('\n')}\n`;
}

function explainKnowledge(user: string, knowledge: Knowledge): string[] {
  switch (knowledge.kind) {
    case 'unknown':
      return [`There is no user "${user}" here. The name before the @ must be your user name.`];
    case 'unavailable':
      return [
        `${knowledge.source} does not answer now, so your keys cannot be checked. Please try again soon. (error ${knowledge.errorId})`,
      ];
    case 'known':
      return explainListed(user, knowledge);
  }
}

function explainListed(user: string, known: Extract<Knowledge, { kind: 'known' }>): string[] {
  const count = known.keys.length;
  const heading = `${known.source} lists ${count === 0 ? 'no usable keys' : keys(count)} of "${user}"`;
  if (count === 0 || !known.keysArePublic) return [`${heading}. ${known.editHint}`];
  const listed = known.keys.slice(0, MOST_LISTED).map((key) => `  ${key.type} ${key.fingerprint}`);
  const left = count - listed.length;
  return [`${heading}:`, ...listed, ...(left > 0 ? [`  and ${left} more`] : []), known.editHint];
}

function explainOffered(offered: readonly KeyReading[]): string[] {
  if (offered.length === 0) {
    return ['Your SSH client offered no key. Make one with "ssh-keygen", or load yours with "ssh-add".'];
  }
  return [`Your SSH client offered ${keys(offered.length)}:`, ...offered.map(describe)];
}

function describe(reading: KeyReading): string {
  if (reading.kind === 'malformed') return '  something that is not a public key';
  const key = `  ${printable(reading.key.type)} ${reading.key.fingerprint}`;
  return reading.kind === 'unusable' ? `${key} (${reading.reason})` : key;
}

function keys(count: number): string {
  return count === 1 ? '1 key' : `${count} keys`;
}

/** Escapes all but printable ASCII, so that no terminal obeys a name that a client made up; 64 characters at most. */
function printable(text: string): string {
  const escaped = text.replace(/[^\x20-\x7e]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return escaped.length > 64 ? `${escaped.slice(0, 64)}...` : escaped;
}
