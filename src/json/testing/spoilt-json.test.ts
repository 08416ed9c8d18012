import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../parse-json.ts';
import { SPOILINGS, type Spoiling, spoiltJson } from './spoilt-json.ts';

const VALID = { name: 'alice', limits: { cpus: 1, tags: ['a', 'b'] } };

function sample(how: Spoiling): readonly string[] {
  return fc.sample(spoiltJson(fc.constant(VALID), [how]), { numRuns: 100, seed: 1 }).map(({ text }) => text);
}

test('each way spoils the body as it says, and only one cuts it short', () => {
  const whole = JSON.stringify(VALID);
  for (const how of SPOILINGS) {
    const texts = sample(how);
    const readable = texts.filter((text) => parseJson(text) !== undefined);
    expect([how, readable.length]).toEqual([how, how === 'cut' ? 0 : texts.length]);
    expect([how, texts.filter((text) => text === whole).length]).toEqual([how, how === 'valid' ? 100 : 0]);
  }
});

test('every member is spoilt in its turn', () => {
  const places = new Set(sample('missing'));
  expect([...places].toSorted()).toEqual(
    [
      { limits: VALID.limits },
      { name: 'alice' },
      { name: 'alice', limits: { cpus: 1 } },
      { name: 'alice', limits: { cpus: 1, tags: ['a'] } },
      { name: 'alice', limits: { cpus: 1, tags: ['b'] } },
      { name: 'alice', limits: { tags: ['a', 'b'] } },
    ]
      .map((one) => JSON.stringify(one))
      .toSorted(),
  );
});

test('a member that is doubled stands there twice, the odd one first or last', () => {
  const names = sample('doubled').filter(
    (text) => text.startsWith('{"name":') && text.split('"name":').length > 2,
  );
  expect(new Set(names.map((text) => text.startsWith('{"name":"alice"')))).toEqual(new Set([true, false]));
});
