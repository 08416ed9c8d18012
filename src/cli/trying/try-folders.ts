import { join, resolve } from 'node:path';
import { openDataFolder } from '../../data-folder/open-data-folder.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Surroundings } from '../surroundings.ts';

/** Where labs that were tried keep what is theirs, away from any factory that serves; absolute. */
export interface TryFolders {
  readonly root: string;
  /** A data folder as a factory has it. */
  readonly data: string;
  /** Of repositories of labs. */
  readonly clones: string;
}

export function tryFolders({ env, home, workingFolder }: Surroundings): TryFolders {
  const state = resolve(workingFolder, env.XDG_STATE_HOME || join(home, '.local', 'state'));
  const root = join(state, 'ssh-lab-factory', 'try');
  return { root, data: join(root, 'data'), clones: join(root, 'clones') };
}

/** As `openDataFolder`; one at a time. */
export async function lockTryFolders({ data }: TryFolders): Promise<Disposable> {
  try {
    return await openDataFolder(data);
  } catch (cause) {
    if (!(cause instanceof FactoryError) || cause.code !== 'ALREADY_RUNNING') throw cause;
    const message =
      'You have a lab open in another terminal, or it is being removed there; leave that one first.';
    throw new FactoryError('ALREADY_RUNNING', message, { cause });
  }
}
