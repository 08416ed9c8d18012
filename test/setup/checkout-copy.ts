import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';

const PROJECT = resolve(import.meta.dirname, '../..');

/** What git does not keep, and what a copy gets in its own way. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'dist', '.factory', 'coverage']);

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
    // Beside the checkout, where files can be linked instead of copied.
    const folder = await mkdtemp(join(dirname(PROJECT), '.checkout-copy-'));
    const copy = new CheckoutCopy(folder);
    await mkdir(copy.root);
    const skip = new Set([...NOT_COPIED].map((name) => join(PROJECT, name)));
    await cp(PROJECT, copy.root, {
      recursive: true,
      filter: (path) => !skip.has(path) && !path.startsWith(join(PROJECT, 'dist.part-')),
    });
    const libraries = [join(PROJECT, 'node_modules'), copy.root];
    await execa('cp', ['--archive', '--link', ...libraries], { timeout: 60_000 });
    return copy;
  }

  factory(...args: string[]): Promise<Run> {
    return this.as([], ...args);
  }

  /** The same through another program, such as `setpriv`. */
  async as(prefix: readonly string[], ...args: string[]): Promise<Run> {
    const [file = '', ...more] = [...prefix, join(this.root, 'factory'), ...args];
    const { stdout, stderr, exitCode } = await execa(file, more, {
      cwd: '/',
      reject: false,
      timeout: 120_000,
    });
    return { stdout, stderr, exitCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
