import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { secretValues } from './secret-values.ts';

const SECRET = 'correct "horse"\n/battery';

test.each([
  ['as it is', SECRET],
  ['behind a name that hides a part of it', `token=${SECRET}`],
  ['in JSON in a text', JSON.stringify({ a: SECRET })],
  ['in a URL', `https://h/?k=${encodeURIComponent(SECRET)}`],
  ['in base64', Buffer.from(SECRET).toString('base64')],
])('%s it never gets into the log, and what stands around it does', (_, text) => {
  const lines: string[] = [];
  const logger = createLogger('info', [{ write: (line: string) => lines.push(line) }], [SECRET]);
  logger.info({ deep: { list: [text] }, err: new Error(text), [text]: 1 }, `before ${text} after`);
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({
    msg: expect.stringMatching(/^before .*\[redacted\].* after$/s),
  });
  expect(JSON.stringify(JSON.parse(line))).not.toContain('battery');
  expect(line).not.toContain(Buffer.from(SECRET).toString('base64'));
  logger.info('nothing to hide');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ msg: 'nothing to hide' });
});

test('whatever the secrets are, a line of JSON stays one and has none', () => {
  const secret = fc.oneof(
    fc.constantFrom('123456', '":true', '$&$1$`', '\\\\\\\\\\\\', '""""""', '.*+?^()', '},{"a"'),
    fc.string({ unit: 'binary', minLength: 6, maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.string(), (secrets, around) => {
      const entry = { msg: around + secrets.join(around), number: 1_234_567, list: secrets };
      const { jsonWithoutValues } = secretValues(secrets);
      const line = jsonWithoutValues(`${JSON.stringify(entry)}\n`);
      expect(line.match(/\n/g)).toHaveLength(1);
      const parsed: unknown = JSON.parse(line);
      const list: unknown = Reflect.get(Object(parsed), 'list');
      expect(list).toEqual(secrets.map(() => '[redacted]'));
    }),
    { numRuns: 500 },
  );
});

test('without secrets a line is what it was', () => {
  expect(secretValues([]).jsonWithoutValues('{"a":1}\n')).toBe('{"a":1}\n');
});
