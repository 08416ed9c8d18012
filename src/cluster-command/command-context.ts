import type { Command } from 'commander';
import type { Clock } from '../time/clock.ts';
import type { SessionLimit } from '../workspaces/workspace-access.ts';
import type { ClusterApi } from './cluster-api.ts';
import type { ClusterCommandIo } from './cluster-command.ts';

/** Exit statuses; docs/cluster-command.md and the man page have them. */
export const STATUS = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** `status`: the cluster is asleep, or not of use yet. */
  notReady: 3,
  /** As a shell has it of a program that ^C ended. */
  interrupted: 130,
} as const;

/** What one `cluster` command works with. */
export interface CommandContext {
  readonly io: ClusterCommandIo;
  readonly api: ClusterApi;
  /** Of the sessions in the workspace together; undefined: they have no end. */
  readonly sessionLimit: SessionLimit | undefined;
  readonly clock: Clock;
}

/** Carries out a command of the program; resolves with the exit status. */
export type Carry = (work: (context: CommandContext) => Promise<number>) => Promise<void>;

/** Puts a command into the program. `name`: how the program is called, for examples. */
export type AddCommand = (program: Command, carry: Carry, name: ClusterCommandIo['name']) => void;
