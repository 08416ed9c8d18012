import { realpath } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import type { LabCatalogue } from '../labs/lab-catalogue.ts';
import { findLabFolders } from '../labs/lab-folders.ts';
import { parseLabName } from '../names/lab-name.ts';
import { type CloneRequest, cloneLabs } from './clone-labs.ts';
import type { LabChoice, LabRepository } from './lab-choice.ts';

export interface LabSearch extends Pick<CloneRequest, 'clones' | 'say' | 'signal'> {
  /** The labs that come with the program. */
  readonly packaged: LabCatalogue;
  readonly workingFolder: string;
}

/** The folder of the one lab that is meant; absolute. Rejects with `LAB_UNKNOWN`. */
export async function findLabFolder(choice: LabChoice, search: LabSearch): Promise<string> {
  return choice.kind === 'local' ? findLocal(choice.text, search) : findInRepository(choice, search);
}

async function findLocal(text: string, { workingFolder, packaged }: LabSearch): Promise<string> {
  const folder = resolve(workingFolder, text);
  const found = await findLabFolders(folder);
  if (found.kind === 'labs') return theOnly(found.folders, (lab) => join(text, lab));
  // "labs/k3s", as in a checkout, means the same where there is none.
  const name = parseLabName(text.replace(/^(?:\.\/)?labs\//, ''));
  const known = name && packaged.get(name);
  if (known !== undefined) return known.folder;
  const names = packaged.all().map((lab) => lab.name);
  throw new FactoryError(
    'LAB_UNKNOWN',
    `${text} is no folder of a lab (${found.mistake}), nor one that comes with the program (${names.join(', ')}).`,
  );
}

async function findInRepository({ url, path }: LabRepository, search: LabSearch): Promise<string> {
  const repository = await cloneLabs({ ...search, url });
  const folder = join(repository, path);
  const found = await findLabFolders(folder);
  if (found.kind === 'none') {
    throw new FactoryError('LAB_UNKNOWN', `There is no lab at ${path} in the repository: ${found.mistake}.`);
  }
  const lab = theOnly(found.folders, (name) => `the same URL with #${join(path, name)}`);
  await assertInside(repository, lab);
  return lab;
}

function theOnly(folders: readonly string[], asChosen: (name: string) => string): string {
  const [only, ...others] = folders;
  if (only !== undefined && others.length === 0) return only;
  const choices = folders.map((folder) => asChosen(basename(folder))).join(', ');
  throw new FactoryError('LAB_UNKNOWN', `There are several labs; choose one: ${choices}`);
}

/** A link in a repository may lead anywhere, and a lab's whole folder goes to the build of its image. */
async function assertInside(repository: string, lab: string): Promise<void> {
  const [outer, inner] = await Promise.all([realpath(repository), realpath(lab)]);
  if (inner === outer || inner.startsWith(`${outer}${sep}`)) return;
  throw new FactoryError('LAB_UNKNOWN', 'The folder of this lab is a link that leads out of the repository.');
}
