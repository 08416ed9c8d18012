import { expect } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import type { Aim, Attempt, Expected } from './attempt.ts';
import { type Outcome, typeIn } from './place.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

/** Of timeout(1) and a shell: it found no such program, or could not run it or make a process for it. That is no wall. */
const NOT_RUN = [125, 126, 127, 254];
/** Of timeout(1): the time was over before the words were done, and what they had to say is not known. */
const CUT_OFF = [124, 137];

/** The control first, then the attempt itself. */
export async function tryAttempt(attempt: Attempt, scene: Scene, tally: Tally): Promise<void> {
  tally.begin(attempt);
  await getsThrough(attempt, attempt.control, scene);
  const outcomes =
    attempt.expected.kind === 'not prevented'
      ? await getsThrough(attempt, attempt.at, scene)
      : await isRefused(attempt, scene, tally);
  const wrong = outcomes.filter((outcome) => !isAsExpected(outcome, attempt.expected));
  // An address that another test's network has just taken along is one of the world outside, where anybody may answer.
  const left = wrong.length === 0 ? [] : await attempt.at.targets(scene);
  expect(
    wrong.filter(({ target }) => left.includes(target)),
    'not as written',
  ).toEqual([]);
  tally.asWritten(attempt, outcomes.length);
}

/** So often words are typed that the machine was too busy for. */
const TRIES = 3;
/** So often a wall that Docker takes away for moments is tried, while other tests make networks all the time. */
const MOMENTS = 5;

async function isRefused(attempt: Attempt, scene: Scene, tally: Tally): Promise<readonly Outcome[]> {
  const { expected } = attempt;
  const hasMoments = expected.kind === 'refused' && expected.butForMoments;
  for (let tries = 1; ; tries++) {
    const outcomes = await refusals(attempt, scene);
    const isThere = outcomes.every((outcome) => isAsExpected(outcome, expected));
    if (isThere || !hasMoments || tries === MOMENTS) return outcomes;
    tally.moment(attempt);
  }
}

/** Tried again are words that could not be typed, or were cut off where it matters what they say; never those that got through. */
async function refusals(attempt: Attempt, scene: Scene): Promise<readonly Outcome[]> {
  for (let tries = 1; ; tries++) {
    const last = tries === TRIES;
    const outcomes = await typeAt(attempt, attempt.at, scene).catch((error: unknown) => {
      if (last) throw error;
      return undefined;
    });
    if (outcomes !== undefined && (last || !isCutOff(outcomes, attempt.expected))) return outcomes;
  }
}

function isCutOff(outcomes: readonly Outcome[], expected: Expected): boolean {
  if (expected.kind !== 'refused' || expected.saying === undefined || outcomes.some(isThrough)) return false;
  return outcomes.some(({ exitCode }) => CUT_OFF.includes(exitCode));
}

/**
 * Words that get through do so within two seconds, unless the machine is so busy that it is too late once. A wall is there each time; and
 * what has to be refused is not tried again once it got through, so that not a single hole is overlooked.
 */
async function getsThrough(attempt: Attempt, aim: Aim, scene: Scene): Promise<readonly Outcome[]> {
  return eventually(
    async () => {
      const outcomes = await typeAt(attempt, aim, scene);
      expect(outcomes.filter(isThrough), 'it gets through on every target').toEqual(outcomes);
      return outcomes;
    },
    { what: `${attempt.what}: it gets through from ${aim.from}`, within: 60_000, every: 1_000 },
  );
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
