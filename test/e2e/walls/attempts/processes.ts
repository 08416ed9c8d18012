import { type Attempt, REFUSED } from '../attempt.ts';
import { LAB, ORDINARY_POD, PRIVILEGED_POD, STUDENTS_PLACES } from '../place.ts';
import type { Scene } from '../scene.ts';
import { findProcess, patternOf } from '../words.ts';

/** A word on the command line of a process that each place does see. */
const OWN: Readonly<Record<(typeof STUDENTS_PLACES)[number], (scene: Scene) => string>> = {
  [LAB]: ({ hers }) => hers.marker,
  [ORDINARY_POD]: () => 'infinity',
  [PRIVILEGED_POD]: ({ hers }) => hers.marker,
};

/** What has no number in a place can be neither signalled, traced nor read there. */
const OTHERS: Readonly<Record<string, (scene: Scene) => readonly string[]>> = {
  "the neighbour's processes": ({ his }) => [his.marker],
  "the host's processes": ({ factory }) => [`${factory.folder}/ready.json`, 'dockerd'],
};

export const PROCESSES: readonly Attempt[] = STUDENTS_PLACES.flatMap((from) =>
  Object.entries(OTHERS).map(([what, words]) => ({
    what: `${what}, to signal, trace or read them`,
    words: findProcess,
    control: { from, targets: (scene: Scene) => [patternOf(OWN[from](scene))] },
    at: { from, targets: (scene: Scene) => words(scene).map(patternOf) },
    expected: REFUSED,
  })),
);
