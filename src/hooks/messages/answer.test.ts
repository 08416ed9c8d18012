import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spoiltJson } from '../../json/testing/spoilt-json.ts';
import { Tally } from '../../json/testing/tally.ts';
import { startProcessorTime } from '../../time/testing/processor-time.ts';
import { type HookResponse, LARGEST_ANSWER } from '../delivery/post-hook.ts';
import { judgeResponse } from '../delivery/verdict.ts';
import { toConfiguration } from '../ledger/configurations.ts';
import { answerSchema } from './answer-schema.ts';

function judged(body: string, headers: Readonly<Record<string, string>> = {}) {
  const all: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', ...headers };
  const response: HookResponse = { status: 200, header: (name) => all[name], body };
  return judgeResponse('initialization', response, 0);
}

const file = (rest: object) => ({ files: [{ path: '/home/lab/a', content: 'aGVsbG8=', ...rest }] });

test('a whole answer becomes a configuration', () => {
  const answer = {
    environment: { TEAM: 'blue' },
    values: { id: '7' },
    files: [{ path: '/home/lab/.kube/x', content: 'aGVsbG8=', mode: '0600', owner: 'lab' }],
    message: 'Welcome\n\u001b[2J\u001b]0;title\u0007to \u202eevil\r\u009b5m',
  };
  const verdict = judged(JSON.stringify(answer));
  if (verdict.kind !== 'delivered') throw new Error(verdict.reason);
  expect(toConfiguration('cfg_1', verdict.answer)).toEqual({
    id: 'cfg_1',
    env: { TEAM: 'blue' },
    values: { id: '7' },
    files: [{ path: '/home/lab/.kube/x', content: Buffer.from('hello'), mode: 0o600, owner: 'lab' }],
    message: 'Welcome\nto evil',
  });
});

test.each<[string, unknown]>([
  ['a list', []],
  ['a key that is not known', { env: {} }],
  ['a name of sshd', { environment: { SSH_AUTH_SOCK: 'x' } }],
  ['a name of the loader', { environment: { LD_PRELOAD: '/tmp/x.so' } }],
  ["a name of the factory's", { environment: { LAB_USER: 'bob' } }],
  ['the path', { environment: { PATH: '/tmp' } }],
  ['a name with =', { environment: { 'A=B': 'x' } }],
  ['a NUL', { environment: { A: 'x\0y' } }],
  ['a long value', { environment: { A: 'x'.repeat(8_193) } }],
  ['many names', { environment: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`A${at}`, ''])) }],
  ['a value that is no text', { values: { id: 7 } }],
  ['a path with ..', file({ path: '/home/lab/../../etc/passwd' })],
  ['a path with //', file({ path: '//etc/passwd' })],
  ['a relative path', file({ path: 'a' })],
  ['a folder', file({ path: '/home/lab/' })],
  ['the root', file({ path: '/' })],
  ['a mode', file({ mode: '0999' })],
  ['an owner', file({ owner: 'lab:root' })],
  ['content that is no base64', file({ content: '!' })],
  ['much content', file({ content: Buffer.alloc(2 ** 20 + 3).toString('base64') })],
  ['a long message', { message: 'x'.repeat(4_097) }],
])('an answer with %s can not be used', (_what, answer) => {
  expect(judged(JSON.stringify(answer))).toMatchObject({ kind: 'unusable' });
});

const LARGE = LARGEST_ANSWER - 100;
test.each<[string, string]>([
  ['names', `{"environment":{${'"0":0,'.repeat(LARGE / 6)}"1":0}}`],
  ['other names', `{"environment":{${Array.from({ length: 150_000 }, (_, at) => `"${at}":0`).join()}}}`],
  ['unknown keys', `{${Array.from({ length: 150_000 }, (_, at) => `"${at}":0`).join()}}`],
  ['files', `{"files":[${'{},'.repeat(LARGE / 3)}{}]}`],
  ['lists in lists', `${'['.repeat(LARGE / 2)}${']'.repeat(LARGE / 2)}`],
  ['detours', `{"files":[{"path":"/${'a/../'.repeat(LARGE / 6)}b","content":""}]}`],
  ['a key', `{"${'a'.repeat(LARGE)}":1}`],
])('an answer full of %s is refused before others have to wait', (_what, body) => {
  const worked = startProcessorTime();
  expect(judged(body)).toMatchObject({ kind: 'unusable' });
  // Without the count it takes up to seven seconds.
  expect(worked()).toBeLessThan(500);
});

test('the most that an answer may have can be used, whatever stands in its texts', () => {
  const named = (name: string) =>
    Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`${name}${at}`, `"[{,\\\n`.repeat(900)]));
  const files = Array.from({ length: 64 }, (_, at) => ({
    path: `/srv/[{,"${at}`,
    content: Buffer.alloc(12_000).toString('base64'),
    mode: '0600',
    owner: 'lab',
  }));
  const answer = { environment: named('A'), values: named('a'), files, message: '[,'.repeat(2_000) };
  expect(judged(JSON.stringify(answer))).toMatchObject({ kind: 'delivered' });
});

test('names that every object has are names like others, or refused', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const verdict = judged(`{"environment":{"${name}":"x"}}`);
    expect(Object.getPrototypeOf(toConfiguration('x').env)).toBe(Object.prototype);
    expect(['delivered', 'unusable']).toContain(verdict.kind);
  }
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test.each([
  ['text/html', {}, 'content-type is text/html'],
  ['application/json', { 'content-encoding': 'gzip' }, 'encoded'],
])('an answer that is %s %j can not be used', (type, rest, why) => {
  expect(judged('{}', { 'content-type': type, ...rest })).toMatchObject({
    kind: 'unusable',
    reason: expect.stringContaining(why),
  });
});

test('no answer at all is nothing given', () => {
  expect(judged('')).toMatchObject({ kind: 'delivered' });
});

const wholeAnswer = fc.record({
  environment: fc.constantFrom<object>({}, { TEAM: 'blue', _2: '' }),
  values: fc.constantFrom<object>({}, { team_url: 'https://teams.example.org/blue', id: '7' }),
  files: fc.array(
    fc.record(
      {
        path: fc.constantFrom('/home/lab/.kube/x', '/srv/a'),
        content: fc.base64String({ maxLength: 40 }),
        mode: fc.constantFrom('0600', '755'),
        owner: fc.constantFrom('lab', '_x'),
      },
      { requiredKeys: ['path', 'content'] },
    ),
    { maxLength: 3 },
  ),
  message: fc.constantFrom('', 'You are in the blue team.\n'),
});

test('whatever comes is used or not, and what is used comes back from the file as it was', () => {
  const tally = new Tally();
  const near = spoiltJson(wholeAnswer).map(({ text }) => text);
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: near }, fc.json(), fc.string()), (text) => {
      const verdict = judged(text);
      tally.add(verdict.kind);
      if (verdict.kind !== 'delivered') {
        expect(verdict.kind).toBe('unusable');
        expect(verdict.reason).toMatch(/^[^\p{Cc}\p{Cf}]{1,300}$/u);
        return;
      }
      const answer = verdict.answer ?? expect.fail('an answer');
      const again = answerSchema.parse(JSON.parse(JSON.stringify(answer)));
      expect(again).toEqual(answer);
      const { env, files, values, message } = toConfiguration('x', again);
      expect(message).not.toMatch(/[^\P{Cc}\n]/u);
      expect({ env, values }).toEqual({ env: answer.environment, values: answer.values });
      expect(files.map(({ path }) => path)).toEqual(answer.files.map(({ path }) => path));
      for (const { path, content, mode } of files) {
        expect(path).toMatch(/^\/(?!.*(?:^|\/)\.{1,2}(?:\/|$))/);
        expect(Buffer.from(content).length).toBeLessThanOrEqual(2 ** 20);
        expect(mode).toBeLessThanOrEqual(0o7777);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  process.stdout.write(`answers to initialization: ${tally}\n`);
  expect(tally.rarerThan({ delivered: 0.1, unusable: 0.3 })).toEqual([]);
});

test.each([
  [400, 'refused'],
  [404, 'refused'],
  [408, 'failed'],
  [425, 'failed'],
  [429, 'failed'],
  [302, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
])('%i is %s', (status, kind) => {
  const response = { status, header: () => undefined, body: undefined };
  expect(judgeResponse('delete', response, 0)).toMatchObject({ kind });
});

test.each([
  ['7', 7_000],
  ['Thu, 01 Jan 1970 00:00:09 GMT', 9_000],
  ['999999999', 3_600_000],
  ['Wed, 31 Dec 1969 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
])('retry-after: %s is honoured within bounds', (text, retryAfter) => {
  const response = { status: 503, header: () => text, body: undefined };
  expect(judgeResponse('delete', response, 0)).toMatchObject({ retryAfter });
});
