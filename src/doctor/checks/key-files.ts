import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quoted } from '../../words/shell-word.ts';
import { type Check, MOMENT } from '../check.ts';
import { formatMode, MODE } from '../file-modes.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';

/** Who writes there decides who comes in, so it is as with sshd's StrictModes. */
export const keyFiles: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config }) => {
    const folders = config.identity.flatMap((source) => (source.kind === 'files' ? [source.folder] : []));
    if (folders.length === 0) return right('no key files are configured');
    const judgements = await Promise.all(folders.map(judgeFolder));
    return together(judgements.flat(), `readable, and writable by their owner alone: ${folders.join(', ')}`);
  },
};

async function judgeFolder(folder: string): Promise<readonly Judgement[]> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return [unreadable(folder)];
  const files = names.filter((name) => name.endsWith('.keys')).map((name) => join(folder, name));
  return await Promise.all([folder, ...files].map(judgePath));
}

async function judgePath(path: string): Promise<Judgement> {
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable ? judgeMode(path, (await stat(path)).mode) : unreadable(path);
}

function unreadable(path: string): Judgement {
  return wrong(`${path} can not be read`, `sudo chown -R "$USER" ${quoted(path)}`);
}

/** `mode` as stat(2) has it. */
export function judgeMode(path: string, mode: number): Judgement {
  const remedy = `chmod go-w ${quoted(path)}`;
  if ((mode & MODE.writableByWorld) !== 0) {
    return wrong(`everybody can write ${path} (mode ${formatMode(mode)}), and so log in as anybody`, remedy);
  }
  if ((mode & MODE.writableByGroup) !== 0) {
    return doubtful(`a whole group can write ${path} (mode ${formatMode(mode)})`, remedy);
  }
  return right(path);
}
