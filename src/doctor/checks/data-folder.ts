import { access, constants, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { counted } from '../../words/amounts.ts';
import { quoted } from '../../words/shell-word.ts';
import { type Check, MOMENT } from '../check.ts';
import { formatMode, MODE } from '../file-modes.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';

/** The folder and the private keys in it: the factory's own, and nobody else's. */
export const dataFolder: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config: { data } }) => {
    const found = await lookAt(data);
    if (found === undefined) return await judgeMissing(data);
    const keyFolders = ['ssh', 'tokens'].map((name) => join(data, name));
    const [looks, keys] = await Promise.all([
      Promise.all(keyFolders.map(lookAt)),
      Promise.all(keyFolders.map(privateKeys)),
    ]);
    const folders = [found, ...looks.flatMap((look) => look ?? [])];
    const files = keys.flat();
    const judgements = [...folders.map(judgeFolder), ...files.map(judgePrivateKey)];
    return together(
      judgements,
      `${data} and ${counted(files.length, 'private key')} in it are the factory's alone`,
    );
  },
};

/** What those are called that hold private keys, in `ssh` and in `tokens`. */
const PRIVATE = /_key$|^keys\.json$/;

/** A path of the data folder, as whoever runs the doctor sees it. */
export interface KeptPath {
  readonly path: string;
  readonly mode: number;
  readonly isWritable: boolean;
  readonly isOwn: boolean;
}

async function lookAt(path: string): Promise<KeptPath | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return {
    path,
    mode: found.mode,
    isWritable: await isWritable(path),
    isOwn: found.uid === process.getuid?.(),
  };
}

async function privateKeys(folder: string): Promise<readonly KeptPath[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => PRIVATE.test(name)).map((name) => lookAt(join(folder, name))),
  );
  return found.flatMap((file) => file ?? []);
}

/** The factory makes the folder, and those above it, at its first start. */
async function judgeMissing(data: string): Promise<Judgement> {
  const above = await nearestThatIsThere(dirname(data));
  if (await isWritable(above)) return right(`${data} is made at the first start`);
  return wrong(
    `${data} is not there, and can not be made in ${above}`,
    `sudo install -d -m 700 -o "$USER" ${quoted(data)}`,
  );
}

async function nearestThatIsThere(path: string): Promise<string> {
  const isThere = (await stat(path).catch(() => undefined)) !== undefined;
  return isThere || dirname(path) === path ? path : nearestThatIsThere(dirname(path));
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

export function judgeFolder({ path, mode, isWritable, isOwn }: KeptPath): Judgement {
  const own = `sudo chown -R "$USER" ${quoted(path)}`;
  if (!isWritable) return wrong(`this user can not write ${path}`, own);
  const tighten = `chmod 700 ${quoted(path)}`;
  if ((mode & (MODE.writableByGroup | MODE.writableByWorld)) !== 0) {
    return wrong(
      `others can write ${path} (mode ${formatMode(mode)}), and so take the factory's keys`,
      tighten,
    );
  }
  if ((mode & MODE.anyOthers) !== 0) {
    return doubtful(`others can look into ${path} (mode ${formatMode(mode)})`, tighten);
  }
  return isOwn ? right(path) : doubtful(`${path} belongs to another user than who runs this`, own);
}

export function judgePrivateKey({ path, mode, isWritable }: KeptPath): Judgement {
  if ((mode & MODE.anyOthers) !== 0) {
    return wrong(
      `others can read the private key ${path} (mode ${formatMode(mode)}); the factory refuses it`,
      `chmod 600 ${quoted(path)}`,
    );
  }
  return isWritable
    ? right(path)
    : wrong(`this user can not read ${path}`, `sudo chown "$USER" ${quoted(path)}`);
}
