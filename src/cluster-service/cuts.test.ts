import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOTHING_GIVEN } from '../labs/lab-definition.ts';
import { key, lab } from '../workspaces/testing/harness.ts';
import { MemoryHost } from './testing/memory-host.ts';
import { ServicePair } from './testing/service-pair.ts';

const STEPS = ['suspend', 'resume', 'stop', 'start'] as const;
const definition = lab.cluster;

/** How long after what went before the connections break, ms. */
const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 });

test('whenever connections break, each step is taken once and ends as it should', async () => {
  await fc.assert(
    fc.asyncProperty(cuts, async (pauses) => {
      await using memory = new MemoryHost();
      await using pair = await ServicePair.start({ host: memory.host });
      const { clusters } = await pair.client();
      if (definition === undefined) throw new Error('a lab with a cluster');
      const signal = AbortSignal.timeout(20_000);
      let isOver = false;
      const cutting = (async () => {
        for (const pause of pauses) {
          await delay(pause);
          if (!isOver) pair.cut();
        }
      })();
      await clusters.create(key, definition, NOTHING_GIVEN, () => {}, signal);
      for (const step of STEPS) {
        if (step === 'resume' || step === 'start') await clusters[step](key, () => {}, signal);
        else await clusters[step](key, signal);
      }
      isOver = true;
      await cutting;
      expect(memory.begun).toEqual(['create', ...STEPS]);
      expect(memory.world.cluster.state).toBe('running');
      expect(memory.world.violations).toEqual([]);
    }),
    { numRuns: 12 },
  );
});
