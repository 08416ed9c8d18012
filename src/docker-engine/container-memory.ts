import { z } from 'zod';
import { cgroupMemory, THIS_HOST } from './cgroup-memory.ts';
import type { DockerEngine } from './docker-engine.ts';

/**
 * Docker's reference, "Get container stats based on resource usage". Page cache that can be dropped at once is not counted, as
 * `docker stats` does not; its key is another under cgroup v1 and v2.
 */
const STATS = z.object({
  memory_stats: z.object({
    usage: z.number(),
    stats: z
      .object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() })
      .default({}),
  }),
});

/**
 * What a container takes of the host's memory now, paused ones too; bytes. 0 where it does not run or is not there, undefined
 * where nobody can tell.
 */
export async function containerMemory(
  engine: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const found = await engine.callUnless([404], {
    what: 'look at a container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(container).inspect({ abortSignal }),
  });
  if (found === undefined || !found.State.Running) return 0;
  return (await fromStats(engine, container, signal)) ?? (await cgroupMemory(found.State.Pid, THIS_HOST));
}

/** An engine that does not find its containers' control groups, as in some nested set-ups, answers without figures. */
async function fromStats(
  engine: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer: unknown = await engine.callUnless([404, 409], {
    what: 'tell how much memory a container takes',
    signal,
    request: (docker, abortSignal) => {
      // `one-shot` (API 1.41) spares the second that the engine otherwise takes to compare CPU times.
      const options = { stream: false as const, 'one-shot': true, abortSignal };
      return docker.getContainer(container).stats(options);
    },
  });
  const parsed = STATS.safeParse(answer);
  if (!parsed.success) return undefined;
  const { usage, stats } = parsed.data.memory_stats;
  return Math.max(0, usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0));
}
