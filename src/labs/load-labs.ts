import { basename } from 'node:path';
import type { LabFinder } from '../config/lab-finder.ts';
import { DEFAULT_LIFECYCLE } from '../config/lifecycle-values.ts';
import { type Problem, ProblemsError } from '../config/problem.ts';
import { parseLabName } from '../names/lab-name.ts';
import { createLabCatalogue, type LabCatalogue } from './lab-catalogue.ts';
import { findLabFolders } from './lab-folders.ts';
import { type LabReading, type ReadLabOptions, readLab } from './read-lab.ts';

export interface LoadLabsOptions extends ReadLabOptions {
  /** Absolute; each is a lab itself or holds labs. */
  readonly folders: readonly string[];
}

/** Rejects with `LAB_INVALID`, whose message lists every mistake, one a line, as `loadConfig` does. */
export async function loadLabs(options: LoadLabsOptions): Promise<LabCatalogue> {
  const { folders, workingFolder } = options;
  const found = await Promise.all(folders.map(findLabFolders));
  const mistakes = found.flatMap((labs, index): readonly Problem[] => {
    const file = folders[index] ?? '';
    return labs.kind === 'none' ? [{ file, line: 0, column: 0, key: '', message: labs.mistake }] : [];
  });
  if (mistakes.length > 0) throw new ProblemsError('LAB_INVALID', mistakes, workingFolder);

  const labFolders = found.flatMap((labs) => (labs.kind === 'labs' ? labs.folders : []));
  const readings = await Promise.all(labFolders.map((folder) => readLab(folder, options)));
  const problems = readings.flatMap(problemsOf);
  if (problems.length > 0) throw new ProblemsError('LAB_INVALID', problems, workingFolder);
  const labs = readings.filter((reading) => reading.kind === 'lab');
  const templates = labs.flatMap(({ lab, template }) =>
    template === undefined ? [] : [[lab.name, template] as const],
  );
  return createLabCatalogue(
    labs.map(({ lab }) => lab),
    new Map(templates),
  );
}

/** For `loadConfig`. A lab with mistakes counts as there: a group that names it is not what is wrong. */
export const findLabs: LabFinder = async (folder, policy) => {
  const found = await findLabFolders(folder);
  if (found.kind === 'none') return { names: [], problems: [], mistake: found.mistake };
  const readings = await Promise.all(
    found.folders.map((lab) => readLab(lab, { lifecycle: DEFAULT_LIFECYCLE, policy, workingFolder: folder })),
  );
  return {
    names: found.folders.flatMap((lab) => parseLabName(basename(lab)) ?? []),
    problems: readings.flatMap(problemsOf),
    mistake: undefined,
  };
};

function problemsOf(reading: LabReading): readonly Problem[] {
  return reading.kind === 'mistaken' ? reading.problems : [];
}
