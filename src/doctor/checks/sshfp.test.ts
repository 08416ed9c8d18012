import { expect, test } from 'vitest';
import type { HostKey } from '../../gateway/keys/host-keys.ts';
import { type Sshfp, sshfpLine, sshfpOf } from '../../gateway/keys/published-host-keys.ts';
import { judgeHostKeys } from './host-keys.ts';
import { judgeSshfp } from './sshfp.ts';

const HOST = 'lab.example.org';

function key(type: string, text: string, isInUse = true): HostKey {
  const publicKey = { type, blob: Buffer.from(text), fingerprint: `SHA256:${text}` };
  return { file: 'host_key', privateKey: '', publicKey, isInUse };
}

const ED25519 = key('ssh-ed25519', 'one');
const RSA = key('ssh-rsa', 'two');
const NEXT = key('ssh-ed25519', 'three', false);
const FOREIGN = key('ssh-ed25519', 'four');

const recordOf = ({ publicKey }: HostKey, hash: 1 | 2 = 2): Sshfp => {
  const record = sshfpOf(publicKey, hash);
  if (record === undefined) throw new Error('no record');
  return record;
};
const lineOf = (one: HostKey) => sshfpLine(HOST, recordOf(one));
const judge = (keys: readonly HostKey[], records: readonly Sshfp[]) =>
  judgeSshfp(HOST, keys, { kind: 'answered', records, isSigned: false });

test.each<[string, readonly HostKey[], readonly Sshfp[]]>([
  ['none', [ED25519, RSA], []],
  ['all', [ED25519, RSA], [recordOf(RSA), recordOf(ED25519)]],
  ['the next key too', [ED25519, NEXT], [recordOf(ED25519), recordOf(NEXT)]],
  ['SHA-1 as well', [ED25519], [recordOf(ED25519), recordOf(ED25519, 1)]],
])('records of %s are right', (_, keys, records) => {
  expect(judge(keys, records)).toMatchObject({ verdict: 'right' });
});

test.each<[string, string, readonly HostKey[], readonly Sshfp[], readonly string[]]>([
  [
    'another key than the one in use',
    'wrong',
    [ED25519],
    [recordOf(FOREIGN)],
    [lineOf(ED25519), `remove: ${lineOf(FOREIGN)}`],
  ],
  ['the next key, and not the one in use', 'wrong', [ED25519, NEXT], [recordOf(NEXT)], [lineOf(ED25519)]],
  ['the key in use, and not the next', 'doubtful', [ED25519, NEXT], [recordOf(ED25519)], [lineOf(NEXT)]],
  ['one type alone', 'doubtful', [ED25519, RSA], [recordOf(ED25519)], [lineOf(RSA)]],
  [
    'one that is gone, too',
    'doubtful',
    [ED25519],
    [recordOf(ED25519), recordOf(FOREIGN)],
    [`remove: ${lineOf(FOREIGN)}`],
  ],
])('records of %s are %s, and the remedy mends it', (_, verdict, keys, records, remedy) => {
  expect(judge(keys, records)).toMatchObject({ verdict, remedy });
});

test('whether they are signed is said, and whether nobody knows', () => {
  const answer = { kind: 'answered', records: [recordOf(ED25519)], isSigned: true } as const;
  expect(judgeSshfp(HOST, [ED25519], answer).text).toContain('signed (DNSSEC)');
  const failed = { kind: 'failed', isServerFailure: false, reason: 'no answer in time' } as const;
  expect(judgeSshfp(HOST, [ED25519], failed).verdict).toBe('doubtful');
});

test('the host keys come with lines for known_hosts and for the zone', () => {
  expect(judgeHostKeys({ host: HOST, port: 2222 }, [ED25519, RSA, NEXT])).toEqual({
    verdict: 'right',
    text: 'ed25519 SHA256:one, RSA SHA256:two; 1 further key announced',
    details: [
      '[lab.example.org]:2222 ssh-ed25519 b25l',
      '[lab.example.org]:2222 ssh-rsa dHdv',
      '[lab.example.org]:2222 ssh-ed25519 dGhyZWU=',
      ...[ED25519, RSA, NEXT].map(lineOf),
    ],
  });
  expect(judgeHostKeys({ host: HOST, port: 22 }, [])).toEqual({
    verdict: 'right',
    text: 'they are made at the first start',
  });
});
