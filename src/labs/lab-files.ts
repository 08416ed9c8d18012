import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Problem } from '../config/problem.ts';
import type { Path } from '../config/yaml-document.ts';
import type { LabDefinition } from './lab-definition.ts';
import type { LabSource } from './lab-source.ts';
import type { CompiledLab } from './templates/compiled-lab.ts';

/** Variables that a sample says nothing about: whether such a file is there, only the user's own name can tell. */
const OF_ONE_USER = ['username', 'groups', 'values', 'host'];

/** What is wrong on the disk with the files and the build that the lab names in its folder. Never rejects. */
export async function fileProblems(
  { document, folder }: LabSource,
  compiled: CompiledLab,
  { container }: LabDefinition,
): Promise<readonly Problem[]> {
  const problemAt = async (path: Path, file: string, kind: 'file' | 'Dockerfile') => {
    const mistake = await mistakeOf(folder, file);
    const isUnknown = OF_ONE_USER.some((root) => compiled.at(path)?.isAbout(root) === true);
    if (mistake === undefined || (mistake === MISSING && isUnknown)) return [];
    return [document.problemAt(path, kind === 'file' ? mistake : `its Dockerfile ${mistake}`)];
  };
  const files = container.files.map(({ content }, index) =>
    content.kind === 'file' ? problemAt(['container', 'files', index, 'source'], content.file, 'file') : [],
  );
  const { build } = container;
  const builds =
    build === undefined ? [] : [problemAt(['container', 'build'], join(build, 'Dockerfile'), 'Dockerfile')];
  return (await Promise.all([...files, ...builds])).flat();
}

const MISSING = "is not there in the lab's folder";

async function mistakeOf(folder: string, file: string): Promise<string | undefined> {
  const real = await realPathWithin(folder, file);
  if (real === 'missing') return MISSING;
  if (real === 'outside') return "is a link that leads out of the lab's folder";
  const found = await stat(real.path).catch(() => undefined);
  return found?.isFile() === true ? undefined : 'is no file; it must be one';
}

/** Where `path` (absolute) really lies, where that is in `folder`. Links may lead anywhere, and labs come from strangers. Never rejects. */
export async function realPathWithin(
  folder: string,
  path: string,
): Promise<{ readonly path: string } | 'missing' | 'outside'> {
  const [outer, inner] = await Promise.all(
    [folder, path].map((each) => realpath(each).catch(() => undefined)),
  );
  if (outer === undefined || inner === undefined) return 'missing';
  return inner === outer || inner.startsWith(`${outer}${sep}`) ? { path: inner } : 'outside';
}
