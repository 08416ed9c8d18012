import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const MODULE = join(import.meta.dirname, 'buffer-memory.ts');

/** Prints how often V8 has walked through a heap of some size while half a GiB of buffers came and went. */
const CHURN = `
import { constants, PerformanceObserver } from 'node:perf_hooks';
const heap = Array.from({ length: 200_000 }, (_, index) => ({ index }));
let collections = 0;
const count = (entries) => {
  for (const { detail } of entries) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections += 1;
};
const observer = new PerformanceObserver((list) => count(list.getEntries()));
observer.observe({ entryTypes: ['gc'] });
for (let index = 0; index < 8_192; index += 1) {
  Buffer.allocUnsafe(65_536);
  if (index % 64 === 0) await new Promise(setImmediate);
}
count(observer.takeRecords());
console.log(heap.length > 0 ? collections : undefined);`;

async function collections(before: string): Promise<number> {
  const args = ['--input-type=module', '--eval', `${before}\n${CHURN}`];
  return Number((await execa(process.execPath, args, { timeout: 30_000 })).stdout);
}

test('buffers that come and go make V8 collect everything less than half as often', async () => {
  const usual = await collections('');
  const ours = await collections(
    `import { countBuffersWithTheHeap } from ${JSON.stringify(MODULE)}; countBuffersWithTheHeap();`,
  );
  expect(usual).toBeGreaterThan(4);
  expect(ours).toBeLessThan(usual / 2);
});
