import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { EvenRefusals } from './even-refusals.ts';

/** After how many ms the first and the second refusal are answered, where all is known after `taken` ms. */
async function moments(taken: number): Promise<readonly number[]> {
  const clock = new VirtualClock();
  const even = new EvenRefusals(clock);
  const answers: number[] = [];
  for (let request = 0; request < 2; request++) {
    const arrived = clock.now();
    const answered = even
      .moment(() => clock.delay(taken), new AbortController().signal)
      .then(() => answers.push(clock.now() - arrived));
    await clock.advance(10_000);
    await answered;
  }
  expect(clock.pending).toBe(0);
  return answers;
}

test.each([0, 1, 350, 999])(
  'a name known after %i ms is refused after a second, and at once after that',
  async (taken) => {
    expect(await moments(taken)).toEqual([1_000, 0]);
  },
);

test.each([
  [1_000, 2_000],
  [2_400, 3_000],
])('a source that takes %i ms shows by whole seconds only', async (taken, answered) => {
  expect(await moments(taken)).toEqual([answered, 0]);
});

test('what was looked up between the arrival of the request and its refusal does not come on top', async () => {
  const clock = new VirtualClock();
  const even = new EvenRefusals(clock);
  even.arrive();
  await clock.advance(400);
  let isAnswered = false;
  const answered = even
    .moment(async () => {}, new AbortController().signal)
    .then(() => {
      isAnswered = true;
    });
  await clock.advance(599);
  expect(isAnswered).toBe(false);
  await clock.advance(1);
  await answered;
});

test('nothing waits for a client that has gone', async () => {
  const clock = new VirtualClock();
  const gone = new AbortController();
  const answered = new EvenRefusals(clock).moment(async () => {}, gone.signal);
  await clock.advance(10);
  expect(clock.pending).toBe(1);
  gone.abort();
  await answered;
  expect(clock.pending).toBe(0);
});
