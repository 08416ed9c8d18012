import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { makeRunFolder } from '../e2e/harness/run-folder.ts';

const PROJECT = resolve(import.meta.dirname, '../..');

/** What git does not keep, and what a copy gets in its own way. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'dist', '.factory', 'coverage']);

/**
 * Linked, unless the temporary folder is on another file system. Without what other runs of the tests write there meanwhile: a file
 * that goes while it is copied is an error.
 */
const COPY_OR_LINK = `
copy() { find "$1" -mindepth 1 -maxdepth 1 ! -name '.vite*' -exec cp --archive $3 --target-directory "$2" {} +; }
mkdir "$2" && { copy "$1" "$2" --link 2>/dev/null || copy "$1" "$2" --force; }`;

/** For one copy, and for one compilation, beside other tests; ms. */
const LONGEST = 240_000;

/** What `factory` printed and how it ended. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** This checkout as it is right after a clone, but with its libraries: the tests need no registry. */
export class CheckoutCopy implements AsyncDisposable {
  readonly root: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, 'ssh-lab-factory');
  }

  static async make(): Promise<CheckoutCopy> {
    const folder = await makeRunFolder();
    const copy = new CheckoutCopy(folder);
    await mkdir(copy.root);
    const skip = new Set([...NOT_COPIED].map((name) => join(PROJECT, name)));
    await cp(PROJECT, copy.root, {
      recursive: true,
      filter: (path) => !skip.has(path) && !path.startsWith(join(PROJECT, 'dist.part-')),
    });
    await execa(
      'sh',
      ['-c', COPY_OR_LINK, 'sh', join(PROJECT, 'node_modules'), join(copy.root, 'node_modules')],
      {
        timeout: LONGEST,
      },
    );
    return copy;
  }

  async factory(...args: string[]): Promise<Run> {
    const { stdout, stderr, exitCode } = await execa(join(this.root, 'factory'), args, {
      cwd: '/',
      reject: false,
      timeout: LONGEST,
    });
    return { stdout, stderr, exitCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
