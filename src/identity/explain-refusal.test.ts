import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainRefusal } from './explain-refusal.ts';
import type { Knowledge } from './identity.ts';
import { readPublicKey } from './public-key.ts';
import { makeTestKey } from './testing/test-keys.ts';
import { wireString } from './wire-reader.ts';

const [offered, listed] = [makeTestKey('ssh-ed25519'), makeTestKey('ecdsa-sha2-nistp256')];
const github: Knowledge = {
  kind: 'known',
  source: 'github.com',
  editHint: 'They are changed at https://github.com/settings/keys.',
  keys: [listed.key],
  keysArePublic: true,
};

test('tells what was offered, what is listed and where to change it', () => {
  const text = explainRefusal('alice', [readPublicKey(offered.key.blob)], github);
  expect(text.split('\n')).toEqual([
    'github.com lists 1 key of "alice":',
    `  ecdsa-sha2-nistp256 ${listed.key.fingerprint}`,
    'They are changed at https://github.com/settings/keys.',
    'Your SSH client offered 1 key:',
    `  ssh-ed25519 ${offered.key.fingerprint}`,
    '',
  ]);
});

test('tells of a private list only how long it is', () => {
  const text = explainRefusal('alice', [], { ...github, keysArePublic: false });
  expect(text).toContain('lists 1 key of "alice"');
  expect(text).not.toContain(listed.key.fingerprint);
});

test('tells why an offered key is of no use', () => {
  const weak = readPublicKey(makeTestKey('ssh-rsa', 1024).key.blob);
  expect(explainRefusal('alice', [weak], github)).toContain('(RSA keys need 2048 bits, this one has 1024)');
});

test('tells of unknown names and silent sources', () => {
  expect(explainRefusal('alice', [], { kind: 'unknown' })).toContain('There is no user "alice" here.');
  const silent = explainRefusal('alice', [], {
    kind: 'unavailable',
    source: 'github.com',
    errorId: '00c0ffee',
  });
  expect(silent).toContain('github.com does not answer now');
  expect(silent).toContain('(error 00c0ffee)');
});

test('whatever a client sends, the text is printable', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(anything, anything, (user, type) => {
      const reading = readPublicKey(wireString(type));
      for (const knowledge of [github, { kind: 'unknown' } as const]) {
        expect(explainRefusal(user, [reading], knowledge)).toMatch(/^[\x20-\x7e\n]*$/);
      }
    }),
  );
  expect(explainRefusal('\x1b[2J\nroot', [], { kind: 'unknown' })).toContain('"\\u{1b}[2J\\u{a}root"');
});
