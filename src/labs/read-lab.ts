import { basename, join } from 'node:path';
import type { LabPolicy } from '../config/lab-policy.ts';
import type { Problem } from '../config/problem.ts';
import { readRegularFile, UnfitFile } from '../config/regular-file.ts';
import { schemaProblems } from '../config/schema-problems.ts';
import { parseYamlDocument, type YamlDocument } from '../config/yaml-document.ts';
import { parseLabName } from '../names/lab-name.ts';
import { checkLab } from './check-lab.ts';
import type { LabDefinition, Lifecycle } from './lab-definition.ts';
import { LAB_FILE } from './lab-folders.ts';
import { labSchema } from './lab-schema.ts';
import type { LabSource } from './lab-source.ts';
import { type CompiledLab, compileLab } from './templates/compiled-lab.ts';
import { LabTemplate } from './templates/lab-template.ts';

/** Bytes: all texts that may stand in one are 64 KiB long at most. */
const LARGEST_LAB = 4 * 2 ** 20;

export interface ReadLabOptions {
  /** What is taken where the lab says nothing. */
  readonly lifecycle: Lifecycle;
  readonly policy: LabPolicy;
  /** What the files in messages are relative to. */
  readonly workingFolder: string;
}

export type LabReading =
  /** `lab`: as a sample user has it; `template`: what makes it for others, undefined where it is the same for all but for their host. */
  | { readonly kind: 'lab'; readonly lab: LabDefinition; readonly template: LabTemplate | undefined }
  | { readonly kind: 'mistaken'; readonly problems: readonly Problem[] };

/** Reads the lab in `folder` (absolute). Never rejects. */
export async function readLab(folder: string, options: ReadLabOptions): Promise<LabReading> {
  const file = join(folder, LAB_FILE);
  const text = await readRegularFile(file, LARGEST_LAB).catch(asMistake);
  if (typeof text === 'string') return mistaken([{ file, line: 1, column: 1, key: '', message: text }]);
  const document = parseYamlDocument(file, text.toString());
  if (!document.readable) return mistaken(document.problems);
  const name = parseLabName(basename(folder));
  if (name === undefined) return mistaken([...document.problems, ...misnamed(document, folder)]);

  const { lifecycle, policy, workingFolder } = options;
  const source: LabSource = { name, folder, document, lifecycle, policy };
  const compiled = compiledOf(source);
  if (compiled === undefined) return mistaken(tooMuch(document));
  const { lab, problems } = await checkLab(source, compiled);
  if (lab === undefined || problems.length > 0) return mistaken(problems);
  const template = compiled.size === 0 ? undefined : new LabTemplate(source, compiled, workingFolder);
  return { kind: 'lab', lab, template };
}

function asMistake(error: unknown): string {
  return error instanceof UnfitFile ? error.message : "can't be read";
}

function mistaken(problems: readonly Problem[]): LabReading {
  return { kind: 'mistaken', problems };
}

function misnamed(document: YamlDocument, folder: string): readonly Problem[] {
  const message = `the folder's name "${basename(folder)}" is no lab name; it has lower-case letters, digits and single hyphens between them, at most 32`;
  return [document.problemAt([], message), ...schemaProblems(document, labSchema)];
}

/** Undefined: what aliases unfold to has no end, or nearly none. */
function compiledOf(source: LabSource): CompiledLab | undefined {
  try {
    return compileLab(source);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function tooMuch(document: YamlDocument): readonly Problem[] {
  return [document.problemAt([], 'has too many values, or values too deep in each other')];
}
