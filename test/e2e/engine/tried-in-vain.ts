import { z } from 'zod';
import { eventually } from '../harness/eventually.ts';
import type { Factory } from '../harness/factory.ts';

const failureSchema = z.object({ time: z.string(), part: z.string(), code: z.literal('DOCKER_UNAVAILABLE') });

/** Resolves when the factory has wanted something of the engine at or after `since` (ms since the epoch), and not got it. */
export async function triedInVain(factory: Factory, since: number): Promise<void> {
  const failedThen = (line: string) => {
    const failure = failureSchema.safeParse(JSON.parse(line));
    return failure.success && Date.parse(failure.data.time) >= since;
  };
  await eventually(
    () =>
      factory.log
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .some(failedThen),
    { what: 'the factory tries in vain to reach the engine', within: 180_000 },
  );
}
