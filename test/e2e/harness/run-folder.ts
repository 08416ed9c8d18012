import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All temporary folders of all runs lie here, so that a run finds what a dead one left. */
export const RUNS_ROOT = join(tmpdir(), 'ssh-lab-factory-e2e');

/** A new temporary folder that says which process it belongs to. */
export async function makeRunFolder(): Promise<string> {
  await mkdir(RUNS_ROOT, { recursive: true });
  const folder = await mkdtemp(join(RUNS_ROOT, 'f-'));
  await writeFile(join(folder, 'owner'), (await processIdentity(process.pid)) ?? '');
  return folder;
}

/** A folder this young may be one whose owner is just about to sign it; ms. */
const YOUNG = 60_000;

/** Whether the process that made `folder` still runs. */
export async function ownerLives(folder: string): Promise<boolean> {
  const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => '');
  // One that is gone was just swept by somebody else.
  if (owner === '')
    return stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs < YOUNG,
      () => true,
    );
  return (await processIdentity(Number.parseInt(owner, 10))) === owner;
}

/** Pid and start time, which together name a process for good; undefined where it does not run. Linux. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc(5): the name in parentheses may hold spaces; after it come state (field 3) … starttime (field 22).
  const fields = line?.slice(line.lastIndexOf(')') + 2).split(' ');
  const startTime = fields?.[19];
  return startTime === undefined ? undefined : `${pid} ${startTime}`;
}
