import { expect, test } from 'vitest';
import type { Judgement } from '../judgement.ts';
import { judgeFolder, judgePrivateKey, type KeptPath } from './data-folder.ts';
import { judgeMode } from './key-files.ts';

function folder(mode: number, more: Partial<KeptPath> = {}): Judgement {
  return judgeFolder({ path: '/data', mode: 0o40000 | mode, isWritable: true, isOwn: true, ...more });
}

function key(mode: number, more: Partial<KeptPath> = {}): Judgement {
  const path = '/data/ssh/host_ed25519_key';
  return judgePrivateKey({ path, mode: 0o100000 | mode, isWritable: true, isOwn: true, ...more });
}

test.each<[string, Judgement, Judgement['verdict']]>([
  ['a folder of 0700', folder(0o700), 'right'],
  ['a folder that others can look into', folder(0o755), 'doubtful'],
  ['a folder that its group can write', folder(0o770), 'wrong'],
  ['a folder that everybody can write', folder(0o777), 'wrong'],
  ['a folder that we can not write', folder(0o700, { isWritable: false }), 'wrong'],
  ['a folder of somebody else that root can write', folder(0o700, { isOwn: false }), 'doubtful'],
  ['a key of 0600', key(0o600), 'right'],
  ['a key that others can read', key(0o644), 'wrong'],
  ['a key that its group can read', key(0o640), 'wrong'],
  ['a key that we can not read', key(0o600, { isWritable: false }), 'wrong'],
  ['key files that all can read', judgeMode('/keys', 0o100644), 'right'],
  ['key files that a group can write', judgeMode('/keys', 0o100664), 'doubtful'],
  ['key files that everybody can write', judgeMode('/keys', 0o100666), 'wrong'],
])('%s', (_, { verdict }, expected) => {
  expect(verdict).toBe(expected);
});

test('the remedy is for a shell, whatever the path', () => {
  const { remedy } = { remedy: [], ...judgeMode("/my keys/o'brien.keys", 0o100666) };
  expect(remedy).toEqual([String.raw`chmod go-w '/my keys/o'\''brien.keys'`]);
});
