/** Counts the open channels of one connection against their limit. */
export class ChannelSlots {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a slot until the returned function is called (again does nothing); undefined: all are taken. */
  take(): (() => void) | undefined {
    if (this.#taken >= this.#limit) return undefined;
    this.#taken += 1;
    let held = true;
    return () => {
      if (held) this.#taken -= 1;
      held = false;
    };
  }
}
