import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { createLogger } from '../logging/logger.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { CONTROL_SOCKET, labOrigin, nameOrigin, originOf } from './origin.ts';
import { MOST_WRONG_TOKENS, WrongTokens } from './wrong-tokens.ts';

const REFUSED = new FactoryError('TOKEN_REFUSED', 'no');
const STRANGER = '192.0.2.7';

let log: string[];
let wrong: WrongTokens;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  log = [];
  const logger = createLogger('info', [{ write: (line: string) => void log.push(line) }]);
  wrong = new WrongTokens({ door: 'api', logger });
});
afterEach(() => {
  vi.useRealTimers();
});

async function send(remoteAddress: string | undefined, times: number) {
  let last: unknown;
  const origin = originOf({ remoteAddress, remotePort: 50_122 });
  for (let time = 0; time < times; time += 1) last = await wrong.refusal(REFUSED, origin);
  return last;
}

const LIMITED = { error: { code: 'TOO_MANY_REQUESTS' }, headers: { 'retry-after': '60' } };
const PLAIN = { error: REFUSED, headers: {} };

test('who sends too many is told when to come again, may then, and is a few lines in the log', async () => {
  expect(await send(STRANGER, MOST_WRONG_TOKENS)).toEqual(PLAIN);
  expect(await send(STRANGER, 1)).toMatchObject(LIMITED);
  vi.advanceTimersByTime(20_500);
  expect(await send(STRANGER, 50)).toMatchObject({ headers: { 'retry-after': '40' } });
  expect(await send('192.0.2.8', 1)).toEqual(PLAIN);
  // However many came meanwhile.
  vi.advanceTimersByTime(39_500);
  expect(await send(STRANGER, 1)).toEqual(PLAIN);
  const refused = { audit: true, door: 'api', what: 'caller', result: 'refused' };
  expect(log.map((line) => JSON.parse(line))).toMatchObject([
    { ...refused, from: `${STRANGER}:50122`, reason: 'no', errorId: REFUSED.id },
    { audit: true, from: STRANGER, door: 'api', what: 'caller', result: 'limited' },
    { ...refused, from: '192.0.2.8:50122' },
    { ...refused, from: `${STRANGER}:50122`, times: 81 },
    { ...refused, from: `${STRANGER}:50122` },
  ]);
});

test.each([
  ['one IPv6 /64', '2001:db8:0:1::1', '2001:db8:0:1:ffff::2', LIMITED],
  ['another /64', '2001:db8:0:1::1', '2001:db8:0:2::1', PLAIN],
  ['an IPv4 address in IPv6 clothes', '::ffff:192.0.2.7', STRANGER, LIMITED],
  ['a link-local address with its zone', 'fe80::1%eth0', 'fe80::2%eth1', LIMITED],
  ['whoever comes by a Unix socket', undefined, undefined, LIMITED],
])('%s', async (_what, one, other, answer) => {
  await send(one, MOST_WRONG_TOKENS);
  expect(await send(other, 1)).toMatchObject(answer);
});

test('what was refused for anything but its token is not counted', async () => {
  const denied = new FactoryError('ACCESS_DENIED', 'no');
  for (let time = 0; time < 2 * MOST_WRONG_TOKENS; time += 1) {
    expect(await wrong.refusal(denied, originOf({ remoteAddress: STRANGER, remotePort: 1 }))).toEqual({
      error: denied,
      headers: {},
    });
  }
  expect(await send(STRANGER, MOST_WRONG_TOKENS)).toEqual(PLAIN);
});

test('no more addresses are remembered than there is room for, with a timer each', async () => {
  await send(STRANGER, MOST_WRONG_TOKENS);
  for (let host = 0; host < 12_000; host += 1) await send(`10.0.${host >> 8}.${host & 255}`, 1);
  // And one each for the two counts of lines.
  expect(vi.getTimerCount()).toBeLessThanOrEqual(10_002);
  expect(await send(STRANGER, 1)).toEqual(PLAIN);
});

test('the log is not filled, from however many addresses they come', async () => {
  for (let host = 0; host < 5_000; host += 1) {
    for (let time = 0; time < 3; time += 1) {
      const error = new FactoryError('TOKEN_REFUSED', 'no');
      await wrong.refusal(
        error,
        originOf({ remoteAddress: `10.0.${host >> 8}.${host & 255}`, remotePort: 1 }),
      );
      // As whoever answers with it does.
      if (error.claimLogLine()) log.push('{}');
    }
  }
  vi.advanceTimersByTime(60_000);
  expect(log.length).toBeLessThan(350);
  const last = JSON.parse(log.at(-1) ?? '');
  expect(last).toMatchObject({ audit: true, from: 'other places', result: 'refused', times: 3 * 4_900 });
});

test.each([
  ['the operator', CONTROL_SOCKET],
  [
    'a lab',
    labOrigin({ user: parseUsername('alice') ?? expect.fail(), lab: parseLabName('k3s') ?? expect.fail() }),
  ],
])('%s is told apart from others without an address', async (_who, name) => {
  const socket = new Socket();
  nameOrigin(socket, name);
  for (let time = 0; time <= MOST_WRONG_TOKENS; time += 1) await wrong.refusal(REFUSED, originOf(socket));
  expect(JSON.parse(log[0] ?? '')).toMatchObject({ from: name });
  expect(await send(undefined, 1)).toEqual(PLAIN);
  expect(await wrong.refusal(REFUSED, originOf(socket))).toMatchObject(LIMITED);
});
