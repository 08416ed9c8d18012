import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { connectionNumber, FrontFactory } from '../testing/front-factory.ts';
import { MemoryFronts } from '../testing/memory-fronts.ts';
import { LEFT_BEHIND_AFTER } from '../testing/memory-leases.ts';

/*
 * Whatever happens, and whether or not anybody tells of it: after a while the sessions that hold a lease are those with a container
 * in which something runs, or in which nothing runs for less than left_behind_after. No lease is held for ever, none is held twice.
 */

const CONNECTIONS = 4;
/** A claim and two looks, ms. */
const QUIET = 90_000 + 2 * 30_000 + 1_000;

type Step =
  | { readonly what: 'open' | 'close' | 'make' | 'order'; readonly n: number }
  /** Of the container that was made as number `n`, if it is there. */
  | { readonly what: 'vanish' | 'exit' | 'idle' | 'busy' | 'cut off' | 'pause'; readonly n: number }
  /** ms */
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'event' | 'engine fails' | 'kill' };

const ofConnection = fc.nat(CONNECTIONS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constantFrom('open', 'close', 'make', 'order'), n: ofConnection }),
  fc.record({ what: fc.constantFrom('vanish', 'exit', 'idle', 'busy', 'cut off', 'pause'), n: fc.nat(9) }),
  fc.record({ what: fc.constant('wait'), ms: fc.oneof(fc.nat(2_000), fc.nat(120_000), fc.nat(700_000)) }),
  fc.record({ what: fc.constantFrom('event', 'engine fails', 'kill') }),
);

class Story {
  readonly clock = new VirtualClock();
  readonly fronts = new MemoryFronts();
  readonly made: string[] = [];
  factory = new FrontFactory(this.fronts, this.clock);

  async take(step: Step): Promise<void> {
    switch (step.what) {
      case 'open':
        return this.factory.sessions.open(connectionNumber(step.n), new AbortController().signal).then(
          () => {},
          () => {},
        );
      case 'close':
        return this.factory.sessions.close(connectionNumber(step.n).id);
      case 'order':
        return this.factory.leases.notify({ kind: 'over', because: 'operator' });
      case 'make':
        this.made.push(this.fronts.make(connectionNumber(step.n)));
        return;
      case 'wait':
        return this.clock.advance(step.ms);
      case 'event':
        return this.factory.sessions.wake();
      case 'engine fails':
        this.fronts.failures += 1;
        return;
      case 'kill':
        return this.startAgain();
      default:
        return this.#change(step.what, this.made[step.n] ?? '');
    }
  }

  async startAgain(): Promise<void> {
    await this.factory.sessions[Symbol.asyncDispose]();
    this.fronts.failures = 0;
    this.factory = new FrontFactory(this.fronts, this.clock);
    await this.factory.sessions.adopt(new AbortController().signal);
  }

  get held(): readonly string[] {
    return this.factory.leases.held.toSorted();
  }

  /** The connections with a container in which something runs. */
  get busy(): readonly string[] {
    const busy = [...this.fronts.containers.values()].filter(
      (container) => container.busy && !container.cutOff && container.state !== 'ended',
    );
    return [...new Set(busy.map(({ connection }) => connection.id))].toSorted();
  }

  #change(what: 'vanish' | 'exit' | 'idle' | 'busy' | 'cut off' | 'pause', id: string): void {
    const container = this.fronts.containers.get(id);
    if (what === 'vanish') this.fronts.containers.delete(id);
    if (what === 'exit') this.fronts.change(id, { state: 'ended', busy: false });
    if (what === 'idle') this.fronts.change(id, { busy: false });
    if (what === 'busy' && container?.state === 'running') this.fronts.change(id, { busy: true });
    if (what === 'cut off') this.fronts.change(id, { cutOff: true });
    if (what === 'pause' && container?.state === 'running') this.fronts.change(id, { state: 'paused' });
  }
}

test('the leases become those of the containers that live, whatever happened', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const story = new Story();
      await story.factory.sessions.adopt(new AbortController().signal);
      for (const each of steps) {
        await story.take(each);
        expect(new Set(story.held).size, 'nobody holds two').toBe(story.held.length);
      }
      story.fronts.failures = 0;
      await story.clock.advance(QUIET);
      // All that is busy holds; what else holds has a container.
      expect(story.held).toEqual(expect.arrayContaining([...story.busy]));
      const present = new Set([...story.fronts.containers.values()].map(({ connection }) => connection.id));
      expect(story.held.filter((id) => !present.has(id))).toEqual([]);

      await story.clock.advance(LEFT_BEHIND_AFTER);
      expect(story.held).toEqual(story.busy);
      const left = [...story.fronts.containers.values()].filter(
        ({ connection }) => !story.busy.includes(connection.id),
      );
      expect(left).toEqual([]);
      await story.factory.sessions[Symbol.asyncDispose]();
    }),
    { numRuns: 1_000 },
  );
});

test('a factory that was killed holds all that is busy when it has adopted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const story = new Story();
      await story.factory.sessions.adopt(new AbortController().signal);
      for (const each of steps) await story.take(each);
      await story.startAgain();
      expect(story.held).toEqual(expect.arrayContaining([...story.busy]));
      await story.factory.sessions[Symbol.asyncDispose]();
    }),
    { numRuns: 500 },
  );
});
