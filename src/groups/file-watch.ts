import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/**
 * Tells when one of some files may have changed. The folders are watched, not the files: a file that was replaced by a rename is another
 * one. What that does not see (another machine's change, a link's target, a full queue) `fingerprint` has to be compared for.
 */
export class FileWatch implements Disposable {
  readonly #onHint: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: readonly string[] = [];

  constructor(onHint: () => void) {
    this.#onHint = onHint;
  }

  /** These, absolute, from now on. To be called again where a folder may have come back. */
  follow(files: readonly string[]): void {
    this.#files = files;
    const folders = new Set(files.map((file) => dirname(file)));
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#unwatch(folder);
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  /** Changes with each change of a file that the system knows of. Never rejects. */
  async fingerprint(): Promise<string> {
    return (await Promise.all(this.#files.map(markOf))).join('\n');
  }

  [Symbol.dispose](): void {
    for (const folder of this.#watchers.keys()) this.#unwatch(folder);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_kind, name) => {
        if (name === null || this.#files.some((file) => dirname(file) === folder && basename(file) === name))
          this.#onHint();
      });
      watcher.once('error', () => this.#unwatch(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // The folder is not there, or the system watches too much already: the looks at the fingerprint are left.
    }
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}

async function markOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (found === undefined) return `${file} missing`;
  return [file, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}
