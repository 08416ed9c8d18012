import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { makeFolder } from '../data-folder/make-folder.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { shownUrl } from './lab-choice.ts';

/** ms; a repository of labs is small, the network of a classroom is slow. */
const CLONE_LIMIT = 300_000;
const KEPT_OUTPUT = 64 * 1024;

/** A folder name that is a lab's where the lab is the repository itself. */
const SAFE_NAME = /^[a-z0-9][a-z0-9_.-]*$/i;

export interface CloneRequest {
  readonly url: URL;
  /** The folder of all clones; absolute. */
  readonly clones: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The newest state of a repository of labs, without its history. Where it can't be had, the one of last time is taken, and said
 * so. Resolves with its folder. Rejects with `LAB_UNKNOWN`, Git's own words in `detail`.
 */
export async function cloneLabs(request: CloneRequest): Promise<string> {
  const { url, clones, say } = request;
  const folder = join(clones, digest(url.href), repositoryName(url));
  say(`Fetching the labs at ${shownUrl(url)}`);
  await makeFolder(clones);
  const part = await mkdtemp(join(clones, '.part-'));
  try {
    await clone(request, join(part, basename(folder)));
    await rm(dirname(folder), { recursive: true, force: true });
    await rename(part, dirname(folder));
  } catch (thrown) {
    request.signal.throwIfAborted();
    const failure = asFailure(thrown, url);
    if (!(await isFolder(folder))) throw failure;
    say(`${failure.message} Those of last time are taken.`);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}

async function clone({ url, signal }: CloneRequest, folder: string): Promise<void> {
  const options = ['--quiet', '--depth', '1', '--single-branch', '--no-tags'];
  await execa('git', ['clone', ...options, '--', url.href, folder], {
    // Git and ssh ask for a password at the terminal by themselves.
    stdin: 'ignore',
    env: { GIT_ALLOW_PROTOCOL: 'https:ssh:file', LC_ALL: 'C' },
    timeout: CLONE_LIMIT,
    maxBuffer: KEPT_OUTPUT,
    cancelSignal: signal,
  });
  // Nobody works in it, and its configuration has the URL with the password.
  await rm(join(folder, '.git'), { recursive: true, force: true });
}

function asFailure(thrown: unknown, url: URL): FactoryError {
  if (!(thrown instanceof ExecaError)) throw thrown;
  if (thrown.code === 'ENOENT') {
    return new FactoryError('LAB_UNKNOWN', 'Fetching labs takes Git, which is not here; install git.');
  }
  const shown = shownUrl(url);
  if (thrown.timedOut) {
    return new FactoryError(
      'LAB_UNKNOWN',
      `${shown} did not send its labs within ${CLONE_LIMIT / 60_000} minutes.`,
    );
  }
  const said = String(thrown.stderr ?? '').replaceAll(url.href, shown);
  const reason = /^fatal: (.*)$/m.exec(said)?.[1] ?? 'git says nothing';
  return new FactoryError('LAB_UNKNOWN', `The labs at ${shown} can't be fetched: ${reason}.`, {
    detail: said,
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function repositoryName({ pathname }: URL): string {
  const name = basename(decodeURIComponent(pathname)).replace(/\.git$/, '');
  return SAFE_NAME.test(name) ? name : 'labs';
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
