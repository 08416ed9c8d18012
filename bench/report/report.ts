import type { Comparison, Samples } from './comparison.ts';
import type { WorkspaceMemory } from './memory.ts';
import type { PathComparison, RouteChange } from './routes.ts';
import type { SshComparison } from './ssh.ts';

/** What the factory's process takes with so many idle sessions. */
export interface Load {
  readonly sessions: number;
  readonly memoryKib: number;
  /** Of one core. */
  readonly cpuPercent: number;
}

/** One way through the factory, taken apart into what comes one after the other. */
export interface Path {
  readonly name: string;
  readonly stages: ReadonlyArray<{ readonly what: string; readonly samples: Samples }>;
}

export interface Machine {
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly docker: string;
  readonly node: string;
  /** Load average of the last minute. */
  readonly load: number;
}

/** Those of the documentation; each shows scenarios of one run. */
export type Table =
  | 'measured'
  | 'timeline'
  | 'coming-and-going'
  | 'through-the-api'
  | 'through-the-routes'
  | 'route-changes'
  | 'beside-sshd'
  | 'memory';

/** All that one run found out. */
export interface Report {
  /** "2026-11-28" */
  readonly date: string;
  /** Short hash, with "+" where files are changed. */
  readonly commit: string;
  readonly machine: Machine;
  readonly rounds: { readonly quick: number; readonly slow: number };
  readonly comparisons: readonly Comparison[];
  /** How fast a workspace is suspended when the last one has gone, and how fast it is back however long it slept. */
  readonly comingAndGoing: readonly Comparison[];
  /** The API's answers, and the same by Docker and k3d. */
  readonly throughTheApi: readonly Comparison[];
  readonly throughTheRoutes: readonly PathComparison[];
  readonly routeChanges: readonly RouteChange[];
  readonly ssh: readonly SshComparison[];
  readonly loads: readonly Load[];
  readonly paths: readonly Path[];
  /** Undefined: was not measured. */
  readonly memory: WorkspaceMemory | undefined;
}
