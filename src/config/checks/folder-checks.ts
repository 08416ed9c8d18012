import { stat } from 'node:fs/promises';
import { isLasting } from '../../errors/system-refusal.ts';
import type { ConfigDraft } from '../config-draft.ts';
import type { Problem } from '../problem.ts';
import { identitySource } from '../schema.ts';
import { path as pathValue } from '../values.ts';
import type { Path } from '../yaml-document.ts';

/**
 * The keys folders must be there; the data folder is made where it is missing. One of a disk or a server that does not answer now is no
 * mistake: whoever wants to read in it tells.
 */
export async function folderProblems(draft: ConfigDraft): Promise<readonly Problem[]> {
  const data = draft
    .item(pathValue, ['data'])
    .map(({ path, value }) => folderProblem(draft, path, value, 'may be missing'));
  const keys = draft
    .items(identitySource, ['identity'])
    .flatMap(({ path, value }) =>
      value.files === undefined
        ? []
        : [folderProblem(draft, [...path, 'files'], value.files, 'must be there')],
    );
  return (await Promise.all([...data, ...keys])).flat();
}

async function folderProblem(
  draft: ConfigDraft,
  path: Path,
  folder: string,
  rule: 'must be there' | 'may be missing',
): Promise<readonly Problem[]> {
  const kind = await kindOf(draft.absolute(folder));
  if (kind === 'folder' || kind === 'silent' || (kind === 'missing' && rule === 'may be missing')) return [];
  const message =
    kind === 'missing'
      ? 'there is no such folder; make it, or mend the path'
      : 'is no folder; it must be one';
  return [draft.document.problemAt(path, message)];
}

async function kindOf(path: string): Promise<'folder' | 'missing' | 'silent' | 'other'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return 'missing';
    return isLasting(error) ? 'other' : 'silent';
  }
}
