import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigDraft } from '../config/config-draft.ts';
import type { Problem } from '../config/problem.ts';
import { schemaProblems } from '../config/schema-problems.ts';
import { parseYamlDocument, type YamlDocument } from '../config/yaml-document.ts';
import { type LabName, parseLabName } from '../names/lab-name.ts';
import { togetherProblems } from './lab-checks.ts';
import { type LabDefinition, type Lifecycle, NOTHING_GIVEN } from './lab-definition.ts';
import { LAB_FILE } from './lab-folders.ts';
import { labSchema } from './lab-schema.ts';
import { toDefinition } from './to-definition.ts';

export type LabReading =
  | { readonly kind: 'lab'; readonly lab: LabDefinition }
  | { readonly kind: 'mistaken'; readonly problems: readonly Problem[] };

/** Reads the lab in `folder` (absolute). `lifecycle`: what is taken where the lab says nothing. Never rejects. */
export async function readLab(folder: string, lifecycle: Lifecycle): Promise<LabReading> {
  const file = join(folder, LAB_FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return mistaken([{ file, line: 1, column: 1, key: '', message: "can't be read" }]);

  const document = parseYamlDocument(file, text);
  if (!document.readable) return mistaken(document.problems);
  const parsed = labSchema.safeParse(document.value);
  const name = parseLabName(basename(folder));
  const problems = [
    ...document.problems,
    ...schemaProblems(document, labSchema),
    ...togetherProblems(new ConfigDraft(document, folder)),
    ...nameProblems(document, folder, name),
  ];
  if (!parsed.success || name === undefined || problems.length > 0) return mistaken(problems);
  const base = { name, folder, lifecycle, host: '{{ username }}', given: NOTHING_GIVEN };
  return { kind: 'lab', lab: toDefinition(parsed.data, base) };
}

function mistaken(problems: readonly Problem[]): LabReading {
  return { kind: 'mistaken', problems };
}

function nameProblems(document: YamlDocument, folder: string, name: LabName | undefined): readonly Problem[] {
  const shown = basename(folder);
  if (name === undefined) {
    const message = `the folder's name "${shown}" is no lab name; it has lower-case letters, digits and single hyphens between them, at most 32`;
    return [document.problemAt([], message)];
  }
  const written = labSchema.shape.name.safeParse(Reflect.get(Object(document.value), 'name'));
  if (!written.success || written.data === undefined || written.data === name) return [];
  return [document.problemAt(['name'], `must be the folder's name, "${shown}", or be left out`)];
}
