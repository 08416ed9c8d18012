import { type Comparison, ratio, type Samples, summarize, verdict } from './comparison.ts';
import type { MemoryUse, WorkspaceMemory } from './memory.ts';
import type { Report } from './report.ts';
import type { PathComparison, RouteChange } from './routes.ts';
import { type SshComparison, sshVerdict } from './ssh.ts';

/** The report as an object for scripts: stable keys, times in ms. */
export function reportJson({
  machine,
  comparisons,
  comingAndGoing,
  throughTheApi,
  throughTheRoutes,
  routeChanges,
  ssh,
  loads,
  paths,
  memory,
  ...report
}: Report): object {
  const { memoryGib, ...rest } = machine;
  return {
    ...report,
    machine: { ...rest, memory_gib: memoryGib },
    comparisons: comparisons.map(compared),
    coming_and_going: comingAndGoing.map(compared),
    through_the_api: throughTheApi.map(compared),
    through_the_routes: throughTheRoutes.map(comparedPath),
    route_changes: routeChanges.map(changed),
    beside_sshd: ssh.map(comparedSsh),
    at_rest: loads.map(({ sessions, memoryKib, cpuPercent }) => ({
      sessions,
      memory_kib: memoryKib,
      cpu_percent: cpuPercent,
    })),
    timeline: paths.map(({ name, stages }) => ({
      path: name,
      stages: stages.map(({ what, samples }) => ({ what, ...series(samples) })),
    })),
    memory: memory === undefined ? null : memoryJson(memory),
  };
}

function comparedPath({ what, unit, ours, theirs }: PathComparison): object {
  return { what, unit, ours: series(ours), theirs: series(theirs), ratio: ratio({ ours, theirs }) };
}

function changed({ workspaces, fileBytes, written, effect, known, tenKnown, cpu }: RouteChange): object {
  return {
    workspaces,
    file_bytes: fileBytes,
    written: series(written),
    effect: series(effect),
    known: series(known),
    ten_known: anySeries(tenKnown),
    cpu: { factory: series(cpu.factory), traefik: series(cpu.traefik) },
  };
}

function comparedSsh(comparison: SshComparison): object {
  const { what, unit, ours, sshd, bridge } = comparison;
  const others = { sshd: anySeries(sshd), bridge: anySeries(bridge) };
  return { what, unit, ours: series(ours), ...others, goal: sshVerdict(comparison) ?? null };
}

/** Bytes. */
function memoryJson({ image, clusters, agent, container }: WorkspaceMemory): object {
  return { image, clusters: clusters.map(used), agent: used(agent), container: used(container) };
}

function used({ what, awake, paused, stopped, dockerStats }: MemoryUse): object {
  return { what, awake, paused, stopped, docker_stats: dockerStats };
}

function compared(comparison: Comparison): object {
  return {
    what: comparison.what,
    ours: series(comparison.ours),
    beside: comparison.beside,
    theirs: series(comparison.theirs),
    ratio: ratio(comparison),
    goal: verdict(comparison) ?? null,
  };
}

function series(samples: Samples): object {
  return { ...summarize(samples), samples };
}

/** Null: nothing was measured. */
function anySeries(samples: Samples): object | null {
  return samples.length === 0 ? null : series(samples);
}
