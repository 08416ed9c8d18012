import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PartState, TRANSITIONS } from '../../src/workspaces/parts/part-state.ts';
import type { WorkspaceEvent } from '../../src/workspaces/ports/events.ts';
import { runStory, story } from '../../src/workspaces/testing/story.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 10_000);

/** How often each legal transition was seen. */
class Seen {
  readonly counts = new Map(legalTransitions().map((name) => [name, 0]));
  readonly lengths: number[] = [];

  add(actions: number, events: readonly WorkspaceEvent[]): void {
    this.lengths.push(actions);
    for (const event of events) {
      if (event.kind !== 'step_done') continue;
      const name = nameOf(event.action, event.from, event.to);
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
  }

  get medianLength(): number {
    return this.lengths.toSorted((a, b) => a - b)[Math.floor(this.lengths.length / 2)] ?? 0;
  }

  get neverSeen(): string[] {
    return [...this.counts].filter(([, count]) => count === 0).map(([name]) => name);
  }

  toString(): string {
    const lines = [...this.counts].map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
    return [`${this.lengths.length} stories, ${this.medianLength} actions in the median one`, ...lines].join(
      '\n',
    );
  }
}

function legalTransitions(): string[] {
  return Object.entries(TRANSITIONS).flatMap(([action, { from, to }]) =>
    from.flatMap((one) => to.map((other) => nameOf(action, one, other))),
  );
}

function nameOf(action: string, from: PartState, to: PartState): string {
  return `${action}: ${from} → ${to}`;
}

test('the controllers, in 10,000 stories that take every legal transition', {
  timeout: 1_200_000,
}, async () => {
  const seen = new Seen();
  const seed = Number(process.env.MODEL_SEED ?? Date.now());
  // Shown first: a story that never ends can be told again, too.
  process.stdout.write(`seed ${seed}; again with MODEL_SEED=${seed}\n`);
  await fc.assert(
    fc.asyncProperty(story, async (each) => seen.add(each.actions.length, await runStory(each))),
    { numRuns: RUNS, seed },
  );
  process.stdout.write(`${seen}\n`);
  expect(seen.medianLength).toBeGreaterThanOrEqual(30);
  expect(seen.neverSeen).toEqual([]);
});
