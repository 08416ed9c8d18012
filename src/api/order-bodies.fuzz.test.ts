import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '../http/problem.ts';
import { spoiltJson } from '../json/testing/spoilt-json.ts';
import { Tally } from '../json/testing/tally.ts';
import { ASKED } from './testing/access-matrix.ts';
import { goodToken } from './testing/caller-tokens.ts';
import { type ServedApi, serveApi } from './testing/served-api.ts';

/** `extend` is the one order with a body. */
const PATH = '/api/v1/clusters/alice/k3s/extend';

let served: ServedApi;
let token: string;
let extended: number[];
beforeAll(async () => {
  served = await serveApi();
  token = await goodToken({ role: 'student', key: ASKED }, served.mint);
  served.clusters.extend = (_key, ms) => {
    extended.push(ms);
    return Date.parse('2026-11-28T10:00:00Z') + ms;
  };
});
afterAll(() => served[Symbol.asyncDispose]());

async function extend(body: string) {
  const answer = await fetch(`${served.url}${PATH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
}

test('a body that is nearly right is taken or refused by a problem, and what is refused extends nothing', async () => {
  const tally = new Tally();
  const valid = fc.record({ for: fc.constantFrom('30m', '1h', '90s', '2h') });
  await fc.assert(
    fc.asyncProperty(spoiltJson(valid), async ({ text }) => {
      extended = [];
      const { status, type, text: told } = await extend(text);
      tally.add(`${status}`);
      if (status === 200) {
        expect(extended).toEqual([expect.any(Number)]);
        return;
      }
      expect([400, 413, 422]).toContain(status);
      expect(type).toContain('application/problem+json');
      expect(problemSchema.parse(JSON.parse(told))).toMatchObject({ status, code: 'REQUEST_INVALID' });
      expect(extended).toEqual([]);
    }),
    { numRuns: 250 },
  );
  extended = [];
  expect((await extend('{"for":"30m"}')).status).toBe(200);
  expect(extended).toEqual([1_800_000]);
  expect(served.log.join()).not.toContain('UNEXPECTED');
  process.stdout.write(`bodies of extend, by status: ${tally}\n`);
  // Its handler, its schema, and the parser before them.
  expect(tally.rarerThan({ 200: 0.05, 422: 0.25, 400: 0.03 })).toEqual([]);
});
