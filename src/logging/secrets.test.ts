import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startProcessorTime } from '../time/testing/processor-time.ts';
import { jsonWithoutSecrets, withoutSecrets } from './secrets.ts';

const PEM = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----';

describe('what looks like a secret is taken out, and what stands around it stays', () => {
  test.each([
    ['K3S_TOKEN=s3cr3t-value next', 'K3S_TOKEN=[redacted] next'],
    ['client-key-data: c2VjcmV0\nnext: 1', 'client-key-data: [redacted]\nnext: 1'],
    ['{"token":"s3cr3t","ms":12}', '{"token":"[redacted]","ms":12}'],
    [
      String.raw`{"detail":"said {\"password\":\"s3cr3t\"}"}`,
      String.raw`{"detail":"said {\"password\":\"[redacted]\"}"}`,
    ],
    ['token="s3cr3t value" x', 'token="[redacted]" x'],
    ['k3s agent --token s3cr3t --debug', 'k3s agent --token [redacted] --debug'],
    ['Authorization: Bearer s3cr3ts3cr3ts3cr3t', 'Authorization: [redacted]'],
    ['postgres://admin:s3cr3t@db/x', 'postgres://admin:[redacted]@db/x'],
    [`a ${PEM} b`, 'a [redacted] b'],
    ['x-registry-auth: eyJ1c2VybmFtZSI6ImEifQ==', 'x-registry-auth: [redacted]'],
    ['jwt eyJhbGciOiJ.eyJzdWIiOiJ.c2ln end', 'jwt [redacted] end'],
    ['GET /?next=%2F%3Fjwt%3DeyJhbGciOiJ.eyJzdWIiOiJ.c2ln', 'GET /?next=%2F%3Fjwt%3D[redacted]'],
    [`join K10${'0a'.repeat(32)}::server:s3cr3t now`, 'join [redacted] now'],
  ])('%j', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });

  test.each([
    'secret "app-tls" not found',
    'password authentication failed for the user',
    '--token-file=/var/lib/token',
    'secretName: app-tls',
    '{"level":30,"tokens":12,"msg":"2 tokens"}',
    'http://127.0.0.1:8080/secret',
    'Unable to find image "sshlab/none:1" locally',
  ])('%j stays as it is', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});

test('a line of JSON stays one, with the same keys, and no secret is left under its names', () => {
  const names = fc.constantFrom('token', 'password', 'msg', 'client-key-data', 'apiKey', 'ms');
  const words = fc.constantFrom(
    'token=',
    'password: ',
    '"',
    '\\',
    '://a:b@',
    ', ',
    '}',
    'Bearer ',
    PEM,
    '\n',
  );
  const text = fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 }));
  const texts = fc.array(text).map((all) => all.join(''));
  const leaf = fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null), fc.array(texts));
  const entries = fc.dictionary(names, fc.oneof(leaf, fc.dictionary(names, leaf)));
  fc.assert(
    fc.property(entries, (entry) => {
      const clean = jsonWithoutSecrets(`${JSON.stringify(entry)}\n`);
      expect(clean.match(/\n/g)).toHaveLength(1);
      const parsed = JSON.parse(clean);
      expect(Object.keys(parsed)).toEqual(Object.keys(entry));
      if (typeof entry.token === 'string') expect(parsed.token).toBe('[redacted]');
      if (typeof entry.ms === 'number') expect(parsed.ms).toBe(entry.ms);
    }),
    { numRuns: 1_000 },
  );
});

test('takes no longer than the text is long', () => {
  const worked = startProcessorTime();
  for (const part of ['a', 'token', 'a:', '--', '://', 'eyJaaaaaaaa.', 'token="']) {
    withoutSecrets(part.repeat(Math.ceil(50_000 / part.length)));
  }
  expect(worked()).toBeLessThan(2_000);
});
