import type { ErrorCode } from '../../errors/error-codes.ts';
import type { HookName } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { PartState } from '../parts/part-state.ts';
import type { SessionEnd, WorkspaceAction } from '../workspace-access.ts';
import type { WorkspaceCommand } from '../workspace-command.ts';

/** Who or what caused a step. */
export type Cause =
  /** Somebody came, or was there when the part had to be brought back. */
  | { readonly kind: 'session'; readonly client: string }
  /** Nobody was there for so long: the key of the lab's lifecycle. */
  | { readonly kind: 'time'; readonly after: 'grace' | 'stop_after' | 'delete_after' }
  /** The host was short of memory. */
  | { readonly kind: 'memory_pressure' }
  /** `by`: the operator's user name, or "alice" for the student of the workspace. */
  | { readonly kind: 'command'; readonly command: WorkspaceCommand['kind']; readonly by: string }
  /** A pin keeps it awake. */
  | { readonly kind: 'pin'; readonly by: string };

/** Which part of the workspace. */
export type PartName = 'container' | 'cluster';

/** What happened to one workspace. Every thing that happens is one event, told once. */
export type WorkspaceEvent = {
  /** ms since the epoch. */
  readonly at: number;
  readonly key: WorkspaceKey;
} & (
  | {
      readonly kind: 'session_began';
      /** The id of the session. */
      readonly session: string;
      /** "192.0.2.7:50122" */
      readonly client: string;
      /** The client's SSH identification string. */
      readonly program: string;
    }
  | {
      readonly kind: 'session_ended';
      readonly session: string;
      readonly client: string;
      readonly program: string;
      /** How long it lasted, ms. */
      readonly ms: number;
      readonly reason: SessionEnd;
      /** No other session of the workspace is left. */
      readonly last: boolean;
    }
  /** A step did what it should: a transition. */
  | {
      readonly kind: 'step_done';
      readonly part: PartName;
      readonly action: WorkspaceAction;
      readonly from: PartState;
      readonly to: PartState;
      /** How long it took. */
      readonly ms: number;
      readonly cause: Cause;
    }
  /** A step failed; it is tried again at `retryAt` (ms since the epoch). */
  | {
      readonly kind: 'step_failed';
      readonly part: PartName;
      readonly action: WorkspaceAction;
      readonly from: PartState;
      readonly ms: number;
      readonly cause: Cause;
      readonly error: { readonly id: string; readonly code: ErrorCode; readonly message: string };
      readonly retryAt: number;
    }
  /** A part was found in a state that no step of ours led to. `from` undefined: nobody had looked before. */
  | {
      readonly kind: 'found';
      readonly part: PartName;
      readonly from: PartState | undefined;
      readonly to: PartState;
    }
  /** Somebody gave a command; what it leads to are events of their own. */
  | { readonly kind: 'commanded'; readonly command: WorkspaceCommand; readonly by: string }
  /** The host is short of memory, so this one, asleep for the longest time, is stopped. */
  | { readonly kind: 'memory_pressure'; readonly availableBytes: number }
  /** A try to deliver a hook. */
  | {
      readonly kind: 'hook';
      readonly hook: HookName;
      /** `failed`: it is tried again. `refused`: an `initialization` that its receiver does not want. */
      readonly outcome: HookOutcome;
      /** Which try, from 1. */
      readonly attempt: number;
      /** How long it took. */
      readonly ms: number;
      /** By which the receiver knows it. */
      readonly delivery: string;
    }
  /** Nobody came for long: the cluster will be deleted then (ms since the epoch). */
  | { readonly kind: 'deletion_ahead'; readonly deleteAt: number }
);

/** What a try to deliver a hook came to. */
export type HookOutcome = 'delivered' | 'failed' | 'given_up' | 'refused';

/** Hears of all that happens to workspaces. */
export interface Events {
  /** Returns at once and never throws. */
  emit(event: WorkspaceEvent): void;
}
