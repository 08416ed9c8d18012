import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * As `mkdir -p`, for its owner alone, a folder at a time: Node's recursive form (24.21) never returns below a parent such as
 * /proc. Rejects as `mkdir` does.
 */
export async function makeFolder(folder: string, mayMakeParent = true): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || !mayMakeParent || dirname(folder) === folder) throw cause;
    await makeFolder(dirname(folder));
    await makeFolder(folder, false);
  }
}
