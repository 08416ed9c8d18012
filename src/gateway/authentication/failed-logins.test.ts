import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FailedLoginsConfig } from '../../config/factory-config.ts';
import { FailedLogins } from './failed-logins.ts';

const LIMITS: FailedLoginsConfig = {
  within: 60_000,
  slowAfter: 2,
  closeAfter: 5,
  closedFor: 10_000,
  longest: 35_000,
  exempt: ['127.0.0.0/8', '::1/128', '2001:db8:ffff::/48'],
};
const DAY = 24 * 3_600_000;
const STRANGER = '192.0.2.7';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

async function fail(logins: FailedLogins, address: string, times: number) {
  const results: (number | undefined)[] = [];
  for (let time = 0; time < times; time++) results.push(await logins.failed(address));
  return results;
}

async function isClosed(logins: FailedLogins, address: string): Promise<boolean> {
  return (await logins.look(address)).closedFor > 0;
}

test('the fifth failure closes the address out, once, for its time, and nobody else', async () => {
  const logins = new FailedLogins(LIMITS);
  expect(await fail(logins, STRANGER, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(await isClosed(logins, STRANGER)).toBe(false);
  expect(await fail(logins, STRANGER, 3)).toEqual([10_000, undefined, undefined]);
  expect(await logins.look(STRANGER)).toEqual({ closedFor: 10_000 });
  expect(await isClosed(logins, '192.0.2.8')).toBe(false);
  vi.advanceTimersByTime(9_999);
  expect(await isClosed(logins, STRANGER)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(await isClosed(logins, STRANGER)).toBe(false);
});

test('who is closed out can be listed, with the end of it, until then or until a login succeeds', async () => {
  const logins = new FailedLogins(LIMITS);
  await fail(logins, '192.0.2.9', 4);
  await fail(logins, '2001:db8:0:1::1', 5);
  vi.advanceTimersByTime(1_000);
  await fail(logins, STRANGER, 7);
  const until = Date.now() + 10_000;
  const network = { address: '2001:db8:0:1::/64', until: until - 1_000 };
  expect(logins.closedOut()).toEqual([{ address: STRANGER, until }, network]);
  logins.succeeded(STRANGER);
  expect(logins.closedOut()).toEqual([network]);
  vi.advanceTimersByTime(9_000);
  expect(logins.closedOut()).toEqual([]);
});

test('several that end in the same moment are one closing', async () => {
  const logins = new FailedLogins(LIMITS);
  const times = await Promise.all(Array.from({ length: 12 }, () => logins.failed(STRANGER)));
  expect(times.filter((time) => time !== undefined)).toEqual([10_000]);
});

test('each closing is twice as long as the one before, up to the longest', async () => {
  const logins = new FailedLogins(LIMITS);
  const times: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    times.push((await fail(logins, STRANGER, 5)).at(-1));
    vi.advanceTimersByTime(LIMITS.longest);
  }
  expect(times).toEqual([10_000, 20_000, 35_000, 35_000]);
});

test('failures that are far apart add up to nothing', async () => {
  const logins = new FailedLogins(LIMITS);
  for (let round = 0; round < 20; round++) {
    await fail(logins, STRANGER, 4);
    vi.advanceTimersByTime(LIMITS.within);
  }
  expect(await isClosed(logins, STRANGER)).toBe(false);
});

test('where somebody logged in nobody is closed out for a day, only slowed a little', async () => {
  const logins = new FailedLogins(LIMITS);
  await fail(logins, STRANGER, 4);
  logins.succeeded(STRANGER);
  expect(await logins.slowness(STRANGER)).toBe(0);
  expect((await fail(logins, STRANGER, 100)).filter((time) => time !== undefined)).toEqual([]);
  expect(await isClosed(logins, STRANGER)).toBe(false);
  expect(await logins.slowness(STRANGER)).toBe(1_000);
  vi.advanceTimersByTime(DAY + 1);
  expect((await fail(logins, STRANGER, 5)).at(-1)).toBe(10_000);
});

test('refusals come later and later, up to 5 s', async () => {
  const logins = new FailedLogins({ ...LIMITS, closeAfter: 0 });
  const delays: number[] = [];
  for (const times of [2, 1, 1, 100]) {
    await fail(logins, STRANGER, times);
    delays.push(await logins.slowness(STRANGER));
  }
  expect(delays).toEqual([0, 100, 200, 5_000]);
  expect(await isClosed(logins, STRANGER)).toBe(false);
});

test.each([
  ['one IPv6 /64', '2001:db8:0:1::1', '2001:db8:0:1:ffff::2', true],
  ['another /64', '2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['an IPv4 address in IPv6 clothes', '::ffff:192.0.2.7', STRANGER, true],
  ['a link-local address with its zone', 'fe80::1%eth0', 'fe80::2%eth1', true],
])('%s', async (_what, failing, looking, closed) => {
  const logins = new FailedLogins(LIMITS);
  await fail(logins, failing, 5);
  expect(await isClosed(logins, looking)).toBe(closed);
});

test.each(['127.0.0.1', '::ffff:127.0.0.2', '::1', '2001:db8:ffff:1::1'])('%s is exempt', async (address) => {
  const logins = new FailedLogins(LIMITS);
  await fail(logins, address, 50);
  expect(await isClosed(logins, address)).toBe(false);
  expect(await logins.slowness(address)).toBe(0);
});

test('0 turns either off', async () => {
  const logins = new FailedLogins({ ...LIMITS, slowAfter: 0, closeAfter: 0 });
  await fail(logins, STRANGER, 500);
  expect(await isClosed(logins, STRANGER)).toBe(false);
  expect(await logins.slowness(STRANGER)).toBe(0);
});

test('as many addresses are remembered as there is room for, with a timer each', async () => {
  const logins = new FailedLogins(LIMITS, 50);
  await fail(logins, STRANGER, 5);
  for (let host = 0; host < 200; host++) await logins.failed(`198.51.100.${host}`);
  // One is lru-cache's own.
  expect(vi.getTimerCount()).toBeLessThanOrEqual(51);
  expect(vi.getTimerCount()).toBeGreaterThanOrEqual(50);
  expect(await isClosed(logins, STRANGER)).toBe(false);
});

type Step =
  | { readonly kind: 'fail' | 'succeed'; readonly address: string }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('fail'), address: fc.constantFrom('192.0.2.1', '192.0.2.2') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('succeed'),
      address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1_000, 10_000, 60_000, DAY + 1) }),
  },
);

test('it does what its few rules say, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const logins = new FailedLogins(LIMITS);
      const model = new Map<
        string,
        { failures: number; until: number; closed: boolean; closings: number; last: number }
      >();
      const friends = new Map<string, number>();
      for (const taken of steps) {
        if (taken.kind === 'wait') vi.advanceTimersByTime(taken.ms);
        else if (taken.kind === 'succeed') {
          logins.succeeded(taken.address);
          // Nobody comes in while the address is closed out; a connection from before may.
          model.delete(taken.address);
          friends.set(taken.address, Date.now() + DAY);
        } else {
          const { address } = taken;
          let entry = model.get(address);
          const isFriend = (friends.get(address) ?? 0) >= Date.now();
          if (entry === undefined)
            entry = { failures: 0, until: 0, closed: false, closings: 0, last: Date.now() };
          if (entry.until <= Date.now())
            entry = { ...entry, failures: 0, until: Date.now() + 60_000, closed: false };
          const closings = Date.now() - entry.last > DAY ? 0 : entry.closings;
          entry = { ...entry, closings, last: Date.now() };
          if (!entry.closed) entry.failures += 1;
          const closes = !entry.closed && entry.failures === 5 && !isFriend;
          const time = closes ? Math.min(10_000 * 2 ** entry.closings, 35_000) : undefined;
          if (time !== undefined) {
            entry = { ...entry, closed: true, closings: entry.closings + 1, until: Date.now() + time };
          }
          model.set(address, entry);
          expect(await logins.failed(address)).toBe(time);
        }
        for (const address of ['192.0.2.1', '192.0.2.2']) {
          const entry = model.get(address);
          const closedFor = entry?.closed ? Math.max(entry.until - Date.now(), 0) : 0;
          expect(await logins.look(address)).toEqual({ closedFor });
          const listed = logins.closedOut().find((each) => each.address === address);
          expect(listed?.until).toBe(closedFor > 0 ? Date.now() + closedFor : undefined);
        }
      }
    }),
    { numRuns: 100 },
  );
});
