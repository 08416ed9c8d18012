import type { UnixOwner } from '../../../docker-engine/container-entries.ts';
import { readContainerFile } from '../../../docker-engine/container-file.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

/** Bytes; some thousands of users. */
const LONGEST = 2 ** 20;

/** The ids of every user in the container's /etc/passwd. Docker takes files with numbers alone. */
export async function unixUsers(
  { engine, names }: WorkspaceObjects,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, UnixOwner>> {
  const wanted = { container: names.container, path: '/etc/passwd', longest: LONGEST };
  const content = await readContainerFile(engine, wanted, signal);
  return parsePasswd(content?.toString('utf8') ?? '');
}

/** passwd(5): name, password, uid, gid, … The first line of a name counts, as for getpwnam(3). */
export function parsePasswd(text: string): ReadonlyMap<string, UnixOwner> {
  const users = new Map<string, UnixOwner>();
  for (const line of text.split('\n')) {
    const [, name, uid, gid] = /^([^:#][^:]*):[^:]*:(\d{1,10}):(\d{1,10}):/.exec(line) ?? [];
    if (name !== undefined && !users.has(name)) users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return users;
}
