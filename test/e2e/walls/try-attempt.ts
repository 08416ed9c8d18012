import { expect } from 'vitest';
import type { Aim, Attempt, Expected } from './attempt.ts';
import { type Outcome, typeIn } from './place.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

/** Of timeout(1) and a shell: it found no such program, or could not run it or make a process for it. That is no wall. */
const NOT_RUN = [125, 126, 127, 254];

/** The control first, then the attempt itself. */
export async function tryAttempt(attempt: Attempt, scene: Scene, tally: Tally): Promise<void> {
  tally.begin(attempt);
  const control = await typeAt(attempt, attempt.control, scene);
  expect(control.filter(isThrough), 'the control gets through on every target').toEqual(control);
  const outcomes = await typeAt(attempt, attempt.at, scene);
  expect(
    outcomes.filter((outcome) => !isAsExpected(outcome, attempt.expected)),
    'not as written',
  ).toEqual([]);
  tally.asWritten(attempt, outcomes.length);
}

async function typeAt({ words }: Attempt, { from, targets }: Aim, scene: Scene): Promise<readonly Outcome[]> {
  const against = await targets(scene);
  expect(against, 'there is something to try it against').not.toEqual([]);
  return typeIn(from, words, against, scene);
}

function isThrough({ exitCode }: Outcome): boolean {
  return exitCode === 0;
}

function isAsExpected(outcome: Outcome, expected: Expected): boolean {
  if (expected.kind === 'not prevented') return isThrough(outcome);
  const refused = !isThrough(outcome) && !NOT_RUN.includes(outcome.exitCode);
  return refused && (expected.saying === undefined || expected.saying.test(outcome.said));
}
