import { createHash } from 'node:crypto';
import { type ContainerEntry, putEntries } from '../../../docker-engine/container-entries.ts';
import { refusalStatus } from '../../../docker-engine/docker-failure.ts';
import { pathStat } from '../../../docker-engine/path-stat.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { GivenFile } from '../../../workspaces/ports/hooks.ts';
import { MOST_FILES } from '../../file-limits.ts';
import { loginOf } from '../container-spec.ts';
import { inspectContainer, stateOf } from '../container-state.ts';
import { notRunning } from '../sessions/container-sessions.ts';
import { FACTORY_FOLDER } from '../sessions/sshd-config.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';
import { placedFiles } from './placed-files.ts';

/**
 * Files of a hook's answer. That they are there is noted in the container itself, by one more file of the same archive, the last of
 * it: so it is true of the container that is there now, and what was cut short is done again. A student who is root may remove the
 * note or forge one, which concerns their own container alone. Rejects with `HOOK_FAILED` where the files are not what may be put,
 * with `CONTAINER_FAILED` where the container does not take them.
 */
export async function putGivenFiles(
  objects: WorkspaceObjects,
  id: string,
  files: readonly GivenFile[],
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  const size = files.reduce((sum, { content }) => sum + content.length, 0);
  if (size > MOST_FILES) throw refused('are more than 8 MiB');
  const { engine, names } = objects;
  const container = await inspectContainer(objects, signal);
  if (container === undefined || stateOf(container) !== 'running') throw notRunning();
  const note = noteOf(id);
  if ((await pathStat(engine, names.container, note.path, signal)) !== undefined) return;
  const placement = {
    user: loginOf(container),
    keepsHome: false,
    refuse: (path: string, problem: string) => refused(`can't be put into the container: ${path} ${problem}`),
  };
  try {
    const entries = await placedFiles(objects, files, placement, signal);
    await putEntries(engine, names.container, [...entries, note], signal);
  } catch (thrown) {
    throw refusalStatus(thrown) === undefined ? thrown : notTaken(thrown);
  }
}

function noteOf(id: string): ContainerEntry {
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 32);
  return { path: `${FACTORY_FOLDER}/configuration-${digest}`, mode: 0o644, content: '' };
}

/** `problem` completes "the files …". */
function refused(problem: string): FactoryError {
  return new FactoryError(
    'HOOK_FAILED',
    `The files that the answer to initialization brought ${problem}; mend what answers that hook.`,
  );
}

function notTaken(thrown: unknown): FactoryError {
  return new FactoryError(
    'CONTAINER_FAILED',
    'The files for this session could not be put into the container; see that its disk has room and that nothing else is in their place, or reset the container.',
    {
      cause: thrown,
      ...(thrown instanceof FactoryError && thrown.detail !== undefined && { detail: thrown.detail }),
    },
  );
}
