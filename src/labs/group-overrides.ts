import type { GroupConfig, LimitOverrides } from '../config/factory-config.ts';
import { toLifecycle } from '../config/lifecycle-values.ts';
import type { ResourceLimits } from '../config/resource-limits.ts';
import type { LabDefinition } from './lab-definition.ts';

/**
 * The lab as a member of these groups gets it. Only groups that give the lab count, and for each setting the first of them that says
 * something, as it is with `default_lab`.
 */
export function withOverrides(lab: LabDefinition, groups: readonly GroupConfig[]): LabDefinition {
  // The first group is laid on last, over all others.
  const overrides = overridesOf(lab, groups).toReversed();
  if (overrides.length === 0) return lab;
  const { container, cluster } = lab;
  return {
    ...lab,
    container: {
      ...container,
      env: { ...container.env, ...overriddenEnv(lab, groups) },
      limits: overrides.reduce((limits, each) => withLimits(limits, each.container), container.limits),
    },
    cluster: cluster && {
      ...cluster,
      limits: overrides.reduce((limits, each) => withLimits(limits, each.cluster), cluster.limits),
    },
    lifecycle: overrides.reduce((lifecycle, each) => toLifecycle(each.lifecycle, lifecycle), lab.lifecycle),
  };
}

/** Environment variables of the user's groups for this lab. */
export function overriddenEnv(
  lab: Pick<LabDefinition, 'name'>,
  groups: readonly GroupConfig[],
): Readonly<Record<string, string>> {
  const overrides = overridesOf(lab, groups).toReversed();
  return Object.fromEntries(overrides.flatMap(({ env }) => Object.entries(env)));
}

function overridesOf({ name }: Pick<LabDefinition, 'name'>, groups: readonly GroupConfig[]) {
  return groups.filter(({ labs }) => labs.includes(name)).map(({ overrides }) => overrides);
}

function withLimits(limits: ResourceLimits, { memory, cpus, pids }: LimitOverrides): ResourceLimits {
  return { memory: memory ?? limits.memory, cpus: cpus ?? limits.cpus, pids: pids ?? limits.pids };
}
