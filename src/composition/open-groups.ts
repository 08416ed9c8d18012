import type { ConfigurationStatus } from '../control/status-schema.ts';
import { fixedGroups, type Groups } from '../groups/groups.ts';
import { LiveGroups } from '../groups/live-groups.ts';
import { isoTime } from '../status/part-status.ts';
import { systemClock } from '../time/clock.ts';
import type { Places } from '../who/origins.ts';
import { configPlaces } from '../who/read-places.ts';
import type { Closers } from './closers.ts';
import type { StartRequest } from './start-request.ts';

/** The groups of a running factory, and how its configuration is. */
export interface OpenGroups extends Groups {
  status(): ConfigurationStatus;
  /** Of the configuration that the groups are from. */
  readonly places: () => Pick<Places, 'inConfiguration'>;
}

/** As the configuration file has them now; without one, as they are. */
export function openGroups(
  { config, source, labs, logger, stop }: StartRequest,
  closers: Closers,
): OpenGroups {
  if (source === undefined) {
    const readAt = isoTime(systemClock.now());
    return {
      ...fixedGroups(config.groups),
      status: () => ({ file: null, read_at: readAt, problem: null, needs_restart: [] }),
      places: () => ({ inConfiguration: () => undefined }),
    };
  }
  const names = labs.all().map(({ name }) => name);
  const groups = LiveGroups.open({ source, labs: names, clock: systemClock, logger }, stop);
  closers.add('groups', () => groups[Symbol.asyncDispose]());
  return {
    all: () => groups.all(),
    of: (user) => groups.of(user),
    onChange: (listener) => groups.onChange(listener),
    status: () => statusOf(source.file, groups),
    places: () => configPlaces(groups.inForce),
  };
}

function statusOf(
  file: string,
  { state: { readAt, problem, needsRestart } }: LiveGroups,
): ConfigurationStatus {
  return {
    file,
    read_at: isoTime(readAt),
    problem: problem === undefined ? null : { message: problem.message, since: isoTime(problem.since) },
    needs_restart: [...needsRestart],
  };
}
