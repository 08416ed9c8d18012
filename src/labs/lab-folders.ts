import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that makes a folder a lab. */
export const LAB_FILE = 'lab.yaml';

export type LabFolders =
  /** Absolute, sorted by name. */
  | { readonly kind: 'labs'; readonly folders: readonly string[] }
  | { readonly kind: 'none'; readonly mistake: string };

/** The labs at `folder` (absolute): itself where it has a lab.yaml, else its subfolders that have one. Never rejects. */
export async function findLabFolders(folder: string): Promise<LabFolders> {
  if (await isFile(join(folder, LAB_FILE))) return { kind: 'labs', folders: [folder] };
  const children = await readdir(folder).catch(asCode);
  if (typeof children === 'string') return { kind: 'none', mistake: mistakeFor(children) };
  const candidates = children.toSorted().map((child) => join(folder, child));
  const labs = await Promise.all(
    candidates.map(async (candidate) => ((await isFile(join(candidate, LAB_FILE))) ? [candidate] : [])),
  );
  const folders = labs.flat();
  if (folders.length > 0) return { kind: 'labs', folders };
  return { kind: 'none', mistake: `neither it nor a folder in it has a ${LAB_FILE}` };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

function asCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function mistakeFor(code: string): string {
  if (code === 'ENOENT') return 'there is no such folder; make it, or mend the path';
  if (code === 'ENOTDIR') return 'is no folder; it must be one';
  return `can't be read (${code})`;
}
