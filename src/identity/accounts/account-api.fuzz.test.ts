import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spoiltJson } from '../../json/testing/spoilt-json.ts';
import { Tally } from '../../json/testing/tally.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { username } from '../testing/fixtures.ts';
import { startTestKeyServer, type TestKeyServer, text } from '../testing/key-server.ts';
import { AccountApi } from './account-api.ts';

const alice = username('alice');
/** As GitHub tells of an account, the most of which is not used. */
const ANSWER = {
  login: 'Alice',
  id: 42,
  node_id: 'MDQ6VXNlcjE=',
  type: 'User',
  site_admin: false,
  plan: { space: 1 },
};

let server: TestKeyServer;
beforeAll(async () => {
  server = await startTestKeyServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** One that has had no failure before. */
function ask(body: string) {
  server.answer = text(body, 'application/json; charset=utf-8');
  return new AccountApi(server.url, new VirtualClock(), new AbortController().signal).ask(alice);
}

test('an answer that is nearly right names an account by a number and a name, or is none', async () => {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(spoiltJson(fc.constant(ANSWER)), async ({ text: body }) => {
      const answer = await ask(body);
      tally.add(answer.kind);
      if (answer.kind === 'failed') {
        expect(answer.reason).toMatch(/^[\x20-\x7e]{1,100}$/);
        return;
      }
      expect(['account', 'renamed']).toContain(answer.kind);
      const { id, login } = JSON.parse(body);
      expect(Number.isSafeInteger(id) && id > 0).toBe(true);
      const isAlice = typeof login === 'string' && login.toLowerCase() === 'alice';
      expect(answer).toEqual(isAlice ? { kind: 'account', id } : { kind: 'renamed' });
    }),
    { numRuns: 300 },
  );
  expect(await ask(JSON.stringify(ANSWER))).toEqual({ kind: 'account', id: 42 });
  process.stdout.write(`answers about an account: ${tally}\n`);
  expect(tally.rarerThan({ account: 0.15, failed: 0.15 })).toEqual([]);
});
