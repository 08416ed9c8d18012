import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeptEvent } from './event-query.ts';
import { EventStream } from './event-stream.ts';
import { eventAt } from './testing/some-event.ts';

/** A history in memory that is read in pages of three. */
class Pages {
  readonly kept: { readonly id: number; readonly event: KeptEvent['event'] }[] = [];
  #last = 0;

  append(): KeptEvent {
    this.#last += 1;
    const kept = { id: this.#last, event: eventAt(this.#last) };
    this.kept.push(kept);
    return kept;
  }

  lastId(): number {
    return this.#last;
  }

  page(after: number) {
    const events = this.kept.filter(({ id }) => id > after).slice(0, 3);
    return { events, last: events.at(-1)?.id };
  }
}

const LONGEST = 2;

/** One who follows, and asks for the next event only when told to. */
class Reading {
  readonly seen: (number | undefined)[] = [];
  readonly from: number;
  readonly #iterator: AsyncIterator<KeptEvent>;
  #asked: Promise<void> | undefined;

  constructor(from: number, events: AsyncIterable<KeptEvent>) {
    this.from = from;
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** False: the stream has ended. */
  async next(): Promise<boolean> {
    const { done, value } = await this.#iterator.next();
    if (done) return false;
    this.seen.push(value.id);
    return true;
  }

  ask(): void {
    this.#asked ??= this.next().then(() => {
      this.#asked = undefined;
    });
  }

  async upTo(id: number): Promise<void> {
    await this.#asked;
    while ((this.seen.at(-1) ?? this.from) < id) await this.next();
  }
}

type Move =
  | { readonly kind: 'event' | 'breath' }
  | { readonly kind: 'ask'; readonly reader: number }
  | { readonly kind: 'subscribe'; readonly back: number | undefined };

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'event' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'breath' as const }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), reader: fc.nat({ max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      back: fc.option(fc.nat({ max: 8 }), { nil: undefined }),
    }),
  },
);

test('however they interleave, each reader sees each event after its beginning once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 20, maxLength: 80 }), async (moves) => {
      const pages = new Pages();
      const stream = new EventStream({ store: pages, longestQueue: LONGEST });
      const stop = new AbortController();
      const readers: Reading[] = [];
      for (const move of moves) {
        if (move.kind === 'event') stream.publish(pages.append());
        if (move.kind === 'breath') await new Promise((resolve) => setImmediate(resolve));
        if (move.kind === 'ask') readers[move.reader]?.ask();
        if (move.kind === 'subscribe') {
          const after = move.back === undefined ? undefined : Math.max(0, pages.lastId() - move.back);
          readers.push(new Reading(after ?? pages.lastId(), stream.subscribe(after, stop.signal)));
        }
      }
      const last = pages.append();
      stream.publish(last);
      for (const reader of readers) {
        await reader.upTo(pages.lastId());
        const expected = pages.kept.map(({ id }) => id).filter((id) => id > reader.from);
        expect(reader.seen).toEqual(expected);
      }
      stop.abort();
      for (const reader of readers) expect(await reader.next()).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

describe('a reader', () => {
  test('hears of what could not be kept while it keeps up', async () => {
    const pages = new Pages();
    const stream = new EventStream({ store: pages });
    const reader = new Reading(0, stream.subscribe(undefined, new AbortController().signal));
    reader.ask();
    await new Promise((resolve) => setImmediate(resolve));
    stream.publish({ id: undefined, event: eventAt(5) });
    stream.publish(pages.append());
    await reader.upTo(1);
    expect(reader.seen).toEqual([undefined, 1]);
  });

  test('is at the end when the stream is closed, also one that comes later', async () => {
    const stream = new EventStream({ store: new Pages() });
    const reader = new Reading(0, stream.subscribe(undefined, new AbortController().signal));
    const next = reader.next();
    stream.close();
    expect(await next).toBe(false);
    expect(await new Reading(0, stream.subscribe(0, new AbortController().signal)).next()).toBe(false);
  });

  test('that leaves, leaves nothing behind', async () => {
    const pages = new Pages();
    const stream = new EventStream({ store: pages });
    stream.publish(pages.append());
    const { signal } = new AbortController();
    const events = stream.subscribe(0, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for await (const _kept of events) break;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
