import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import { Draining } from './draining.ts';

const MINUTE = 60_000;

let clock: VirtualClock;
let heard: string[];
let draining: Draining;
beforeEach(() => {
  clock = new VirtualClock();
  heard = [];
  const connection = {
    tell: (text: string) => heard.push(text.trim()),
    lifetime: { endSoon: () => heard.push('the end') },
  };
  draining = new Draining([connection], clock);
});

/** What has been heard since the last call. */
const news = () => heard.splice(0);

function begin(within: number, message?: string): void {
  draining.begin({ until: clock.now() + within, message });
}

test('everybody is told at once, again as the end comes near, and ended then', async () => {
  begin(10 * MINUTE);
  expect(news()).toEqual([expect.stringContaining('restarted in 10 min')]);
  await clock.advance(5 * MINUTE - 1);
  expect(news()).toEqual([]);
  await clock.advance(1);
  expect(news()).toEqual([expect.stringContaining('in 5 min')]);
  await clock.advance(4 * MINUTE);
  expect(news()).toEqual([expect.stringContaining('in 60 s')]);
  await clock.advance(MINUTE - 1);
  expect(news()).toEqual([expect.stringContaining('in 10 s')]);
  await clock.advance(1);
  expect(news()).toEqual([expect.stringContaining('your session ends'), 'the end']);
  await clock.advance(60 * MINUTE);
  expect(news()).toEqual([]);
});

test('who comes is refused with the reason and the time, until it is called off', async () => {
  expect(draining.refusal()).toBeUndefined();
  begin(3 * MINUTE, 'New labs!');
  expect(draining.refusal()).toMatch(/no new sessions.* New labs! Try again in 3 min\.$/);
  await clock.advance(4 * MINUTE);
  expect(draining.refusal()).toMatch(/Try again in a few minutes\.$/);
  draining.cancel();
  expect(draining.refusal()).toBeUndefined();
});

test('a drain that is called off ends nobody', async () => {
  begin(MINUTE);
  draining.cancel();
  expect(news().at(-1)).toContain('called off');
  draining.cancel();
  await clock.advance(2 * MINUTE);
  expect(news()).toEqual([]);
});

test('a second drain takes the place of the first', async () => {
  begin(MINUTE);
  begin(30 * MINUTE);
  news();
  await clock.advance(29 * MINUTE + 30_000);
  expect(news()).not.toContain('the end');
  await clock.advance(30_000);
  expect(news().filter((text) => text === 'the end')).toHaveLength(1);
});
