import { stat } from 'node:fs/promises';
import type { Clock } from '../../time/clock.ts';

/**
 * Since when no name came into a folder or went out of it. Told by its time of change, which is compared with the one that was seen before
 * and never with this machine's clock: a file server has one of its own.
 */
export class FolderChanges {
  readonly #folder: string;
  readonly #clock: Clock;
  #seen: { readonly state: string; readonly since: number } | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** For how many ms it has stayed as it is, as far as anybody looked. */
  async stillFor(): Promise<number> {
    const asked = this.#clock.now();
    const { dev, ino, mtimeNs } = await stat(this.#folder, { bigint: true });
    const state = `${dev} ${ino} ${mtimeNs}`;
    if (this.#seen?.state === state) return asked - this.#seen.since;
    this.#seen = { state, since: this.#clock.now() };
    return 0;
  }
}
