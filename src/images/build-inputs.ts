import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Clock, systemClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { cannotBuild, type ImageBuild } from './docker-build.ts';

/** All of it goes to the engine with each build; bytes. */
const LARGEST_CONTEXT = 256 * 2 ** 20;
const MOST_FILES = 20_000;
/** An editor's temporary file is gone by the time its turn comes. */
const MOST_WALKS = 5;
/** ms */
const BETWEEN_WALKS = 250;

/**
 * A digest of all that a build is made of: names, modes, contents and links of its folder, in an order of their own. Neither times nor
 * owners count. Rejects with `LAB_IMAGE_MISSING` where it is too much, or can't be read, and with the reason of `signal`.
 */
export async function buildInputs(
  { image, folder }: ImageBuild,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<string> {
  for (let walks = 1; ; walks += 1) {
    const walk = new ContextWalk(image, folder, signal);
    try {
      await walk.addFolder('');
      return walk.hash.digest('hex');
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isSystemError(thrown)) throw thrown;
      if (thrown.code !== 'ENOENT' || walks === MOST_WALKS) throw cannotBuild(image, thrown.message, thrown);
    }
    await wait(BETWEEN_WALKS, clock, signal);
    signal.throwIfAborted();
  }
}

function isSystemError(thrown: unknown): thrown is Error & { readonly code: string } {
  return (
    thrown instanceof Error && 'syscall' in thrown && 'code' in thrown && typeof thrown.code === 'string'
  );
}

class ContextWalk {
  readonly hash: Hash = createHash('sha256');
  readonly #image: string;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  #files = 0;
  #size = 0;

  constructor(image: string, folder: string, signal: AbortSignal) {
    this.#image = image;
    this.#folder = folder;
    this.#signal = signal;
  }

  async addFolder(path: string): Promise<void> {
    const names = await readdir(join(this.#folder, path));
    for (const name of names.toSorted()) await this.#add(join(path, name));
  }

  async #add(path: string): Promise<void> {
    this.#signal.throwIfAborted();
    const found = await lstat(join(this.#folder, path));
    this.#files += 1;
    this.#size += found.isFile() ? found.size : 0;
    if (this.#files > MOST_FILES || this.#size > LARGEST_CONTEXT) throw this.#tooMuch();
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    this.hash.update(JSON.stringify([path, kind, found.mode & 0o777, found.size * Number(found.isFile())]));
    if (found.isSymbolicLink()) this.hash.update(JSON.stringify(await readlink(join(this.#folder, path))));
    if (found.isDirectory()) await this.addFolder(path);
    if (found.isFile()) await this.#addContent(join(this.#folder, path), found.size);
  }

  /** `end`: what is written to it meanwhile is for the next build. */
  async #addContent(file: string, size: number): Promise<void> {
    if (size === 0) return;
    const { hash } = this;
    await pipeline(createReadStream(file, { end: size - 1, signal: this.#signal }), async (chunks) => {
      for await (const chunk of chunks) hash.update(chunk);
    });
  }

  #tooMuch() {
    const limits = 'a folder that an image is built of has 256 MiB and 20 000 files at most';
    return cannotBuild(this.#image, `${this.#folder}: ${limits}`);
  }
}
