import type { Username } from '../../names/username.ts';

/** Counts each user's open connections against the limit. */
export class UserConnections {
  readonly limit: number;
  readonly #open = new Map<Username, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The returned function must be called once, when the connection ends; undefined: the user has too many. */
  enter(user: Username): (() => void) | undefined {
    const open = this.#open.get(user) ?? 0;
    if (open >= this.limit) return undefined;
    this.#open.set(user, open + 1);
    return () => this.#leave(user);
  }

  #leave(user: Username): void {
    const open = this.#open.get(user) ?? 0;
    if (open <= 1) this.#open.delete(user);
    else this.#open.set(user, open - 1);
  }
}
