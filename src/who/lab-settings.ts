import { DEFAULT_LIFECYCLE, type LifecycleConfig } from '../config/lifecycle-values.ts';
import type { ResourceLimits } from '../config/resource-limits.ts';
import type { Path } from '../config/yaml-document.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { formatBytes } from '../words/amounts.ts';
import { inWords } from '../words/time-span.ts';

/** A setting of a lab as a user gets it. */
export interface LabSetting {
  /** In lab.yaml. */
  readonly path: Path;
  readonly value: string;
}

/** What people ask for when they ask why a lab is as it is, in the order of lab.yaml. */
export function settingsOf({ container, cluster, lifecycle }: LabDefinition): readonly LabSetting[] {
  const { image, user, root, home, egress, env, limits } = container;
  return [
    ...under('container', { image, user, root, home, egress }),
    ...under('container.limits', limitsIn(limits)),
    ...Object.entries(env).map(([name, value]) => ({ path: ['container', 'env', name], value })),
    ...(cluster === undefined
      ? []
      : [
          ...under('cluster', {
            image: cluster.image ?? 'as the configuration has it',
            servers: String(cluster.servers),
            agents: String(cluster.agents),
            start_timeout: inWords(cluster.startTimeout),
          }),
          ...under('cluster.limits', limitsIn(cluster.limits)),
        ]),
    ...under('lifecycle', timesIn(lifecycle)),
  ];
}

function under(path: string, values: Readonly<Record<string, string>>): readonly LabSetting[] {
  return Object.entries(values).map(([key, value]) => ({ path: [...path.split('.'), key], value }));
}

function limitsIn({ memory, cpus, pids }: ResourceLimits): Readonly<Record<string, string>> {
  return { memory: formatBytes(memory), cpus: String(cpus), pids: String(pids) };
}

function timesIn(lifecycle: LifecycleConfig): Readonly<Record<string, string>> {
  return {
    grace: inWords(lifecycle.grace),
    stop_after: orNever(lifecycle.stopAfter),
    delete_after: orNever(lifecycle.deleteAfter),
    idle_disconnect: orNever(lifecycle.idleDisconnect),
    max_session: orNever(lifecycle.maxSession),
    max_extension:
      lifecycle.maxExtension === DEFAULT_LIFECYCLE.maxExtension ? 'none' : inWords(lifecycle.maxExtension),
    left_behind_after: inWords(lifecycle.leftBehindAfter),
  };
}

function orNever(ms: number | undefined): string {
  return ms === undefined ? 'never' : inWords(ms);
}
