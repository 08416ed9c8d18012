import { z } from 'zod';
import { cgroupCpuTime } from './cgroup-cpu.ts';
import { THIS_HOST } from './cgroup-folder.ts';
import { cgroupMemory } from './cgroup-memory.ts';
import type { DockerEngine } from './docker-engine.ts';

/** What a container takes of the host. */
export interface ContainerUse {
  /** Bytes now, of paused ones too; 0 where it does not run, undefined where nobody can tell. */
  readonly memory: number | undefined;
  /** How long its processes have computed since it was started, ms; undefined where it does not run or nobody can tell. */
  readonly cpuTime: number | undefined;
  /** Since when it runs, ms since the epoch; undefined where it does not. */
  readonly since: number | undefined;
}

const IDLE: ContainerUse = { memory: 0, cpuTime: undefined, since: undefined };

/**
 * Docker's reference, "Get container stats based on resource usage". Page cache that can be dropped at once is not counted, as
 * `docker stats` does not; its key is another under cgroup v1 and v2. CPU time is in nanoseconds.
 */
const memorySchema = z.object({
  memory_stats: z.object({
    usage: z.number(),
    stats: z
      .object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() })
      .default({}),
  }),
});
/** Nothing runs in no time: 0 is what an engine says that finds no control group. */
const cpuSchema = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number().min(1) }) }),
});

/**
 * What the container takes now; one that is not there takes nothing. The kernel is asked first, where the container is on this host:
 * it tells at once, while an engine may take a second (20.10 does, `one-shot` or not), and one that does not find its containers'
 * control groups, as in some nested set-ups, has no figures.
 */
export async function containerUse(
  engine: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<ContainerUse> {
  const found = await engine.callUnless([404], {
    what: 'look at a container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(container).inspect({ abortSignal }),
  });
  if (found === undefined || !found.State.Running) return IDLE;
  const process = { pid: found.State.Pid, container: found.Id };
  const since = Date.parse(found.State.StartedAt);
  const [memory, cpuTime] = await Promise.all([
    cgroupMemory(process, THIS_HOST),
    cgroupCpuTime(process, THIS_HOST),
  ]);
  if (memory !== undefined && cpuTime !== undefined) return { memory, cpuTime, since };
  const stats = await oneShotStats(engine, container, signal);
  return { memory: memory ?? memoryOf(stats), cpuTime: cpuTime ?? cpuTimeOf(stats), since };
}

async function oneShotStats(engine: DockerEngine, container: string, signal: AbortSignal): Promise<unknown> {
  return engine.callUnless([404, 409], {
    what: 'tell what a container takes',
    signal,
    request: (docker, abortSignal) => {
      // `one-shot` (API 1.41): the engine need not wait a second to compare CPU times.
      const options = { stream: false as const, 'one-shot': true, abortSignal };
      return docker.getContainer(container).stats(options);
    },
  });
}

function memoryOf(stats: unknown): number | undefined {
  const parsed = memorySchema.safeParse(stats);
  if (!parsed.success) return undefined;
  const { usage, stats: cache } = parsed.data.memory_stats;
  return Math.max(0, usage - (cache.total_inactive_file ?? cache.inactive_file ?? 0));
}

function cpuTimeOf(stats: unknown): number | undefined {
  const parsed = cpuSchema.safeParse(stats);
  return parsed.success ? parsed.data.cpu_stats.cpu_usage.total_usage / 1e6 : undefined;
}
