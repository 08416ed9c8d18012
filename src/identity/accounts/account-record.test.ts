import { expect, test } from 'vitest';
import type { AccountAnswer } from './account-api.ts';
import { type AccountRecord, rule } from './account-record.ts';

const NOW = 2_000;
const KNOWN: AccountRecord = { id: 42, since: 1_000, keys: ['a'] };
const REFUSED: AccountRecord = { ...KNOWN, refused: { id: 43, since: 1_500 } };
const account = (id: number): AccountAnswer => ({ kind: 'account', id });
const FAILED: AccountAnswer = { kind: 'failed', reason: 'no answer in time' };

test.each<[string, AccountRecord | undefined, AccountAnswer, object]>([
  ['the first', undefined, account(42), { kind: 'same', record: { id: 42, since: NOW, keys: ['b'] } }],
  ['the same', KNOWN, account(42), { kind: 'same', record: { id: 42, since: 1_000, keys: ['b', 'a'] } }],
  ['another', KNOWN, account(43), { kind: 'changed', record: { ...KNOWN, refused: { id: 43, since: NOW } } }],
  ['the first, renamed', undefined, { kind: 'renamed' }, { kind: 'given_up' }],
  ['the same, renamed', KNOWN, { kind: 'renamed' }, { kind: 'given_up' }],
  ['one that is hidden', undefined, { kind: 'missing' }, { kind: 'open' }],
  ['one that is hidden now', KNOWN, { kind: 'missing' }, { kind: 'given_up' }],
  ['nothing, at first', undefined, FAILED, { kind: 'open' }],
  ['nothing', KNOWN, FAILED, { kind: 'open' }],
  ['the same again, after another', REFUSED, account(42), { kind: 'changed', record: REFUSED }],
  ['the other again', REFUSED, account(43), { kind: 'changed', record: REFUSED }],
  ['a third', REFUSED, account(44), { kind: 'changed', record: REFUSED }],
  ['nothing, after another', REFUSED, FAILED, { kind: 'changed', record: REFUSED }],
])('%s', (_, record, answer, expected) => {
  expect(rule(record, answer, ['b'], NOW)).toMatchObject(expected);
});
