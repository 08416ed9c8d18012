import type { Lease } from '../../workspaces/workspace-access.ts';
import { clientName } from './client-name.ts';
import type { SeenChannel } from './seen-channel.ts';

/** Notes on the lease which channels a connection has open, and what people call its client. */
export class ChannelNotes {
  readonly #lease: Pick<Lease, 'holder' | 'noteChannel' | 'noteClient'>;
  /** Each kind once, so that a client which opens thousands is remembered in little. */
  readonly #seen: SeenChannel[] = [];
  readonly #open = new Set<Disposable>();
  #name = '';

  constructor(lease: Pick<Lease, 'holder' | 'noteChannel' | 'noteClient'>) {
    this.#lease = lease;
    this.#nameClient();
  }

  /** The channel counts as open until the handle is disposed; again does nothing. */
  open(channel: SeenChannel): Disposable {
    const noted = this.#lease.noteChannel({ kind: channel.kind, name: channel.name });
    this.#open.add(noted);
    if (!this.#seen.some((each) => isAlike(each, channel))) {
      this.#seen.push(channel);
      this.#nameClient();
    }
    return {
      [Symbol.dispose]: () => {
        if (this.#open.delete(noted)) noted[Symbol.dispose]();
      },
    };
  }

  /** The client has had channels and closed them all. */
  get allClosed(): boolean {
    return this.#seen.length > 0 && this.#open.size === 0;
  }

  #nameClient(): void {
    const name = clientName(this.#lease.holder.clientProgram, this.#seen);
    if (name === this.#name) return;
    this.#name = name;
    this.#lease.noteClient(name);
  }
}

function isAlike(one: SeenChannel, other: SeenChannel): boolean {
  return (
    one.kind === other.kind &&
    one.pty === other.pty &&
    one.name === other.name &&
    one.program === other.program
  );
}
