import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigDraft } from '../config/config-draft.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';
import { parseYamlDocument } from '../config/yaml-document.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { LAB_FILE } from '../labs/lab-folders.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Places } from './origins.ts';
import type { Place } from './who-schema.ts';

/** The labs' files as they are now; to be called when the labs are loaded. Never rejects: of a file that is gone nothing is told. */
export async function readLabPlaces(
  labs: readonly LabDefinition[],
): Promise<Pick<Places, 'inLab' | 'writtenInLab'>> {
  const drafts = new Map<LabName, ConfigDraft>();
  await Promise.all(
    labs.map(async ({ name, folder }) => {
      const file = join(folder, LAB_FILE);
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined) drafts.set(name, new ConfigDraft(parseYamlDocument(file, text), folder));
    }),
  );
  return {
    inLab: (lab, path) => {
      const draft = drafts.get(lab);
      return draft?.has(path) ? placeOf(draft.document.problemAtKey(path, '')) : undefined;
    },
    writtenInLab: (lab, path) => drafts.get(lab)?.item(z.string(), path)[0]?.value,
  };
}

export function configPlaces({
  problemAt,
}: Pick<LoadedConfig, 'problemAt'>): Pick<Places, 'inConfiguration'> {
  return { inConfiguration: (path) => placeOf(problemAt(path, '')) };
}

function placeOf(problem: Problem): Place;
function placeOf(problem: Problem | undefined): Place | undefined;
function placeOf(problem: Problem | undefined): Place | undefined {
  return problem && { file: problem.file, line: problem.line };
}
