import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaaProperty, type CaaRecords, parseIssuer } from '../outside/caa-records.ts';
import { judgeCaa, ownerOf } from './caa.ts';

const IDENTITIES = ['letsencrypt.org'];

function records(...properties: Array<[tag: string, value: string, isCritical?: boolean]>): CaaRecords {
  return {
    kind: 'records',
    at: 'example.org',
    properties: properties.map(
      ([tag, value, isCritical = false]): CaaProperty => ({ tag, value, isCritical }),
    ),
  };
}

test.each<[string, CaaRecords, string]>([
  ['no records', { kind: 'none' }, 'right'],
  ['our authority', records(['issue', 'letsencrypt.org']), 'right'],
  ['our authority, in capitals', records(['issue', ' LetsEncrypt.org ']), 'right'],
  ['ours besides another', records(['issue', 'other.example'], ['issue', 'letsencrypt.org']), 'right'],
  ['another one', records(['issue', 'other.example']), 'wrong'],
  ['nobody', records(['issue', ';']), 'wrong'],
  ['nobody for wildcards alone', records(['issuewild', ';']), 'right'],
  ['an address for reports alone', records(['iodef', 'mailto:a@example.org']), 'right'],
  ['a strange tag', records(['strange', 'x'], ['issue', 'letsencrypt.org']), 'right'],
  ['a strange tag that is critical', records(['strange', 'x', true], ['issue', 'letsencrypt.org']), 'wrong'],
  ['a known tag that is critical', records(['issue', 'letsencrypt.org', true]), 'right'],
  ['one account alone', records(['issue', 'letsencrypt.org; accounturi=https://a.example/1']), 'wrong'],
  ['HTTP-01 alone', records(['issue', 'letsencrypt.org; validationmethods=http-01']), 'doubtful'],
  ['DNS-01 alone', records(['issue', 'letsencrypt.org; validationmethods=dns-01']), 'wrong'],
  ['both challenges', records(['issue', 'letsencrypt.org;validationmethods=tls-alpn-01,HTTP-01']), 'right'],
  [
    'one account, and any besides',
    records(['issue', 'letsencrypt.org; accounturi=https://a.example/1'], ['issue', 'letsencrypt.org']),
    'right',
  ],
  [
    'a server that failed',
    { kind: 'failed', at: 'example.org', isServerFailure: true, reason: 'x' },
    'wrong',
  ],
  ['a silent server', { kind: 'failed', at: 'example.org', isServerFailure: false, reason: 'x' }, 'doubtful'],
])('%s', (_, found, verdict) => {
  expect(judgeCaa('lab.example.org', found, IDENTITIES).verdict).toBe(verdict);
});

test('who is missing is to be pasted into the zone', () => {
  expect(judgeCaa('lab.example.org', records(['issue', 'other.example']), IDENTITIES)).toMatchObject({
    text: 'CAA records at example.org let other.example alone give out certificates, not letsencrypt.org',
    remedy: ['lab.example.org. 300 IN CAA 0 issue "letsencrypt.org"'],
  });
});

test.each([
  ['those of a name above', 'example.org', 'lab.example.org', 'lab.example.org'],
  ['those of the domain', 'lab.example.org', 'lab.example.org', 'lab.example.org'],
  ['those of the own name in the domain', 'www.lab.example.org', 'lab.example.org', 'www.lab.example.org'],
  ['those of the wildcard', 'doctor-1.lab.example.org', 'lab.example.org', '*.lab.example.org'],
  ['those above an own name elsewhere', 'example.net', 'lab.example.net', 'lab.example.net'],
])('the nearest records count, so %s are added to where that has an effect', (_, at, below, owner) => {
  const wildcard = { wildcard: 'lab.example.org', seenAs: 'doctor-1.lab.example.org' };
  expect(ownerOf({ kind: 'records', at, properties: [] }, below, wildcard)).toBe(owner);
});

test('an ACME server without a name in CAA records is in doubt where there are any', () => {
  expect(judgeCaa('lab.example.org', records(['issue', 'other.example']), []).verdict).toBe('doubtful');
  expect(judgeCaa('lab.example.org', { kind: 'none' }, []).verdict).toBe('right');
});

test('any value is read', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(parseIssuer(value).authority).toBe(parseIssuer(`${value};accounturi=x`).authority);
    }),
  );
});
