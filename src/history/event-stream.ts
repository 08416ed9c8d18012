import type { KeptEvent } from './event-query.ts';
import type { EventPage } from './event-store.ts';

/** The most events that wait in memory for one reader. */
const LONGEST_QUEUE = 256;

export interface EventStreamOptions {
  /** Where what a reader has not seen yet is read again. */
  readonly store: { page(after: number): EventPage; lastId(): number };
  readonly longestQueue?: number;
}

/**
 * Hands each event to everybody who follows: those before from the history, then each as it comes, none left out and none twice. A
 * reader that is slower than the events costs no memory: it is brought up to date out of the history. (Events that could not be
 * kept are missing then.)
 */
export class EventStream {
  readonly #store: EventStreamOptions['store'];
  readonly #longestQueue: number;
  readonly #readers = new Set<Reader>();
  #closed = false;

  constructor({ store, longestQueue = LONGEST_QUEUE }: EventStreamOptions) {
    this.#store = store;
    this.#longestQueue = longestQueue;
  }

  /** To be called in the same tick in which the event was kept. */
  publish(kept: KeptEvent): void {
    for (const reader of this.#readers) reader.push(kept);
  }

  /**
   * What was kept after the event with this id, and then all that comes; undefined: from the call on. Ends when `signal` aborts
   * or the stream is closed, throws what the store throws.
   */
  subscribe(after: number | undefined, signal: AbortSignal): AsyncIterable<KeptEvent> {
    const reader = new Reader(after ?? this.#store.lastId(), this.#store, this.#longestQueue);
    const end = () => {
      this.#readers.delete(reader);
      signal.removeEventListener('abort', end);
      reader.end();
    };
    if (this.#closed || signal.aborted) {
      reader.end();
    } else {
      this.#readers.add(reader);
      signal.addEventListener('abort', end, { once: true });
    }
    return { [Symbol.asyncIterator]: () => whileRead(reader, end) };
  }

  /** Ends all readers. */
  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}

async function* whileRead(reader: Reader, end: () => void): AsyncGenerator<KeptEvent> {
  try {
    yield* reader.events();
  } finally {
    end();
  }
}

/** One who follows: where they are, and what waits for them. */
class Reader {
  /** The id of the event that they were given last. */
  #position: number;
  readonly #store: EventStreamOptions['store'];
  readonly #longestQueue: number;
  #queue: KeptEvent[] = [];
  /** There is more in the history after their position than in the queue. */
  #behind: boolean;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(position: number, store: EventStreamOptions['store'], longestQueue: number) {
    this.#position = position;
    this.#store = store;
    this.#longestQueue = longestQueue;
    this.#behind = position < store.lastId();
  }

  push(kept: KeptEvent): void {
    if (!this.#behind) {
      this.#queue.push(kept);
      if (this.#queue.length > this.#longestQueue) {
        this.#queue = [];
        this.#behind = true;
      }
    }
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *events(): AsyncGenerator<KeptEvent> {
    while (!this.#ended) {
      if (this.#behind) yield* this.#fromHistory();
      else if (this.#queue.length > 0) yield* this.#fromQueue();
      else await this.#news();
    }
  }

  *#fromHistory(): Generator<KeptEvent> {
    const { events, last } = this.#store.page(this.#position);
    // Nothing was published since it was read, as both happen in one tick: from here on the queue has it all.
    if (last === undefined || last >= this.#store.lastId()) this.#behind = false;
    for (const kept of events) {
      if (this.#ended) return;
      yield kept;
    }
    this.#position = last ?? this.#position;
  }

  *#fromQueue(): Generator<KeptEvent> {
    const kept = this.#queue.shift();
    if (kept === undefined) return;
    this.#position = kept.id ?? this.#position;
    yield kept;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
