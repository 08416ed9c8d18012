import { z } from 'zod';
import { duration, durationOrNever, NEVER } from './values.ts';

/** The times of a workspace's life, as the configuration and the labs write them; each key may be left out. */
export const lifecycleFields = {
  grace: duration.optional().meta({
    description: 'How long after its last session a workspace stays as it is; 60s where nothing is said.',
  }),
  stop_after: durationOrNever.optional().meta({
    description:
      'How long a paused workspace keeps its memory, or never: it is kept for ever; 30m where nothing is said.',
  }),
  delete_after: durationOrNever.optional().meta({
    description:
      'How long a stopped cluster is kept before it is deleted, home and container stay; never where nothing is said.',
  }),
  idle_disconnect: durationOrNever.optional().meta({
    description:
      'A session whose client sends nothing for so long is warned and then ended; never where nothing is said.',
  }),
  max_session: durationOrNever.optional().meta({
    description:
      'How long a session may last; it is warned 15 and 5 minutes before its end; never where nothing is said.',
  }),
  max_extension: duration.optional().meta({
    description:
      'By how much, in all, students may put off the end that max_session sets; not at all where nothing is said.',
  }),
  left_behind_after: duration.optional().meta({
    description:
      'Of a ContainerSSH in front: how long a container of its in which nothing runs keeps its session; 10m where nothing is said.',
  }),
} as const;

const lifecycleFile = z.strictObject(lifecycleFields);
export type LifecycleFile = z.output<typeof lifecycleFile>;

/** All in ms; undefined: never. */
export interface LifecycleConfig {
  /** How long after the last lease the workspace stays as it is. */
  readonly grace: number;
  /** How long a suspended workspace keeps its memory. */
  readonly stopAfter: number | undefined;
  /** How long a stopped cluster is kept; it then is deleted, and the home stays. */
  readonly deleteAfter: number | undefined;
  /** How long a session may be without input. */
  readonly idleDisconnect: number | undefined;
  /** How long a session may last. */
  readonly maxSession: number | undefined;
  /** By how much students may put off the end of a session, in all; 0: not at all. */
  readonly maxExtension: number;
  /** Of a ContainerSSH in front: how long a container of its in which nothing runs keeps its session. */
  readonly leftBehindAfter: number;
}

export const DEFAULT_LIFECYCLE: LifecycleConfig = {
  grace: 60_000,
  stopAfter: 30 * 60_000,
  deleteAfter: undefined,
  idleDisconnect: undefined,
  maxSession: undefined,
  maxExtension: 0,
  leftBehindAfter: 10 * 60_000,
};

/** What `file` says, and what `base` says where that says nothing. */
export function toLifecycle(file: LifecycleFile, base: LifecycleConfig): LifecycleConfig {
  return {
    grace: file.grace ?? base.grace,
    stopAfter: orNever(file.stop_after, base.stopAfter),
    deleteAfter: orNever(file.delete_after, base.deleteAfter),
    idleDisconnect: orNever(file.idle_disconnect, base.idleDisconnect),
    maxSession: orNever(file.max_session, base.maxSession),
    maxExtension: file.max_extension ?? base.maxExtension,
    leftBehindAfter: file.left_behind_after ?? base.leftBehindAfter,
  };
}

function orNever(written: number | typeof NEVER | undefined, base: number | undefined): number | undefined {
  return written === NEVER ? undefined : (written ?? base);
}
