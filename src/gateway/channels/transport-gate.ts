import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

interface SshPeer extends EventEmitter {
  readonly rekeying: boolean;
}

/**
 * Whether an SSH transport takes more data now. SSH's windows bound what one channel has under way, but a client may open
 * a window of 4 GiB, read slowly, or leave a key exchange unanswered; ssh2 would then keep everything in memory.
 */
export class TransportGate {
  readonly #peer: SshPeer;
  readonly #transport: Writable;
  readonly #waiting = new Set<() => void>();

  constructor(peer: SshPeer, transport: Writable) {
    this.#peer = peer;
    this.#transport = transport;
    transport.on('drain', () => this.#release());
    peer.on('handshake', () => this.#release());
  }

  get open(): boolean {
    return !this.#transport.writableNeedDrain && !this.#peer.rekeying;
  }

  /** Calls `listener` once, when the gate may be open again. */
  onOpen(listener: () => void): void {
    this.#waiting.add(listener);
  }

  forget(listener: () => void): void {
    this.#waiting.delete(listener);
  }

  #release(): void {
    if (!this.open) return;
    const listeners = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of listeners) listener();
  }
}
