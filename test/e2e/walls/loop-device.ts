import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from '../harness/eventually.ts';

/**
 * A block device of this host, made for the test from a file: what the host's disks are to a container, with nothing on it
 * but a file `marker`. A real disk is never touched.
 */
export class LoopDevice implements AsyncDisposable {
  readonly #path: string;
  /** "b:7:3", as mknod(1) wants it. */
  readonly node: string;

  private constructor(path: string, node: string) {
    this.#path = path;
    this.node = node;
  }

  static get possible(): boolean {
    return process.platform === 'linux' && process.getuid?.() === 0;
  }

  static async make(folder: string): Promise<LoopDevice> {
    const [image, files] = [join(folder, 'disk.img'), join(folder, 'disk')];
    await mkdir(files);
    await writeFile(join(files, 'marker'), "the host's disk\n");
    await run('mkfs.ext4', '-q', '-d', files, image, '4M');
    const path = await run('losetup', '--find', '--show', '--read-only', image);
    return new LoopDevice(
      path,
      `b:${await run('lsblk', '--noheadings', '--raw', '--output', 'MAJ:MIN', path)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('losetup', '--detach', this.#path);
  }
}

async function run(file: string, ...args: readonly string[]): Promise<string> {
  return (await execa(file, args, { timeout: PATIENCE })).stdout.trim();
}
