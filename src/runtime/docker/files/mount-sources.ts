import { lstat, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { FactoryError } from '../../../errors/factory-error.ts';

/**
 * Throws `LAB_INVALID` unless each of these paths of the host is what its name says: a folder or regular file, reached by no link,
 * and neither part of `forbidden` nor above one of those. Docker follows links whenever it starts a container, and a student may
 * have made one in a folder that they may write to, so this is to be asked each time.
 */
export async function assertMountSources(
  sources: readonly string[],
  forbidden: readonly string[],
): Promise<void> {
  if (sources.length === 0) return;
  const secrets = [...forbidden, ...(await Promise.all(forbidden.map(resolved)))];
  for (const source of sources) {
    const problem = (await problemOf(source)) ?? secrets.map((secret) => meets(source, secret)).find(Boolean);
    if (problem === undefined) continue;
    const sentence = `${source} of this host can't be mounted: ${problem}; mend container.mounts of the lab.`;
    throw new FactoryError('LAB_INVALID', sentence);
  }
}

async function problemOf(source: string): Promise<string | undefined> {
  try {
    const actual = await realpath(source);
    if (actual !== source) return 'it is reached by a link, and a link may lead anywhere';
    const found = await lstat(source);
    return found.isDirectory() || found.isFile() ? undefined : 'it is neither a folder nor a regular file';
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown
      ? `it can't be reached (${thrown.code})`
      : String(thrown);
  }
}

/** What is not there yet is where its name says. */
function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function meets(source: string, secret: string): string | undefined {
  if (isWithin(source, secret)) return `${secret} is for no lab`;
  if (isWithin(secret, source)) return `${secret} is in it, which is for no lab`;
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
