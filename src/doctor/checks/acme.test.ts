import { expect, test } from 'vitest';
import { PUBLIC_AUTHORITY } from '../../acme/testing/public-authority.ts';
import { LETS_ENCRYPT } from '../../config/sections/acme.ts';
import { PLAIN_GROUP } from '../../groups/testing/plain-group.ts';
import { parseUsername } from '../../names/username.ts';
import type { DirectoryVisit } from '../outside/directory-visit.ts';
import { judgeAcme } from './acme.ts';
import { ACCOUNTS_AT_ONCE, judgeLimits } from './acme-limits.ts';
import { judgeCertificate } from './certificates.ts';

const URL = 'https://ca.example.org/dir';
const DAY = 86_400_000;

const DIRECTORY = {
  newNonce: `${URL}/nonce`,
  newAccount: `${URL}/account`,
  newOrder: `${URL}/order`,
  revokeCert: `${URL}/revoke`,
  keyChange: `${URL}/key`,
  meta: { caaIdentities: [], externalAccountRequired: false },
};

function answering(clockOffset: number | undefined, externalAccountRequired = false): DirectoryVisit {
  return {
    kind: 'directory',
    clockOffset,
    directory: { ...DIRECTORY, meta: { caaIdentities: [], externalAccountRequired } },
  };
}

test.each<[string, DirectoryVisit, string, string]>([
  ['a good one', answering(0), 'right', 'speaks ACME'],
  ['59 s apart', answering(59_000), 'right', ''],
  ['61 s ahead of us', answering(61_000), 'wrong', '61 s behind'],
  ['61 s behind us', answering(-61_000), 'wrong', '61 s ahead'],
  ['one that does not tell the time', answering(undefined), 'doubtful', 'does not tell the time'],
  ['one that wants a key', answering(0, true), 'doubtful', 'externalAccountRequired'],
  ['something else', { kind: 'other', reason: 'status 404', clockOffset: 0 }, 'wrong', 'status 404'],
  ['nobody', { kind: 'failed', reason: 'ECONNREFUSED' }, 'wrong', 'ECONNREFUSED'],
])('%s', (_, visit, verdict, words) => {
  const judgement = judgeAcme(URL, visit);
  expect(judgement.verdict).toBe(verdict);
  expect(judgement.text).toContain(words);
});

test('of a certificate that is too old the clock may be the reason, of a strange one acme.root', () => {
  expect(judgeAcme(URL, { kind: 'untrusted', code: 'CERT_NOT_YET_VALID' })).toMatchObject({
    remedy: expect.arrayContaining([expect.stringMatching(/^date /)]),
  });
  expect(judgeAcme(URL, { kind: 'untrusted', code: 'SELF_SIGNED_CERT_IN_CHAIN' })).toMatchObject({
    remedy: expect.arrayContaining([expect.stringContaining('acme: { root')]),
  });
});

const NOW = Date.parse('2026-06-01T00:00:00Z');

type Certificate = Parameters<typeof judgeCertificate>[1];

function certificate(daysLeft: number, more: Partial<Certificate> = {}): Certificate {
  return {
    subject: 'O=School\nCN=Root',
    ca: true,
    validFromDate: new Date(NOW - DAY),
    validToDate: new Date(NOW + daysLeft * DAY),
    ...more,
  };
}

test.each<[string, Certificate, string]>([
  ['a year left', certificate(365), 'right'],
  ['29 days left', certificate(29), 'doubtful'],
  ['a day too old', certificate(-1), 'wrong'],
  ['not yet valid', certificate(365, { validFromDate: new Date(NOW + DAY) }), 'wrong'],
  ['no authority', certificate(365, { ca: false }), 'wrong'],
])('a root: %s', (_, one, verdict) => {
  expect(judgeCertificate({ key: 'acme.root', path: '/root.pem' }, one, NOW).verdict).toBe(verdict);
});

test("the factory's own certificate need not be an authority's", () => {
  const file = { key: 'web.tls.certificate', path: '/own.pem' } as const;
  expect(judgeCertificate(file, certificate(365, { ca: false }), NOW).verdict).toBe('right');
  expect(judgeCertificate(file, certificate(-1, { ca: false }), NOW).verdict).toBe('wrong');
});

function groupsOf(count: number) {
  const members = Array.from(
    { length: count },
    (_, index) => parseUsername(`user${index}`) ?? ('*' as const),
  );
  return [{ name: 'class', members, labs: [], defaultLab: undefined, ...PLAIN_GROUP }];
}

test.each<[string, string, number, string]>([
  ['a small class', LETS_ENCRYPT, ACCOUNTS_AT_ONCE, 'right'],
  ['a large one', LETS_ENCRYPT, ACCOUNTS_AT_ONCE + 1, 'doubtful'],
  ['a large one elsewhere', URL, 500, 'right'],
])('%s', (_, directory, count, verdict) => {
  const acme = { ...PUBLIC_AUTHORITY, directory };
  expect(judgeLimits({ acme, groups: groupsOf(count) }).verdict).toBe(verdict);
});
