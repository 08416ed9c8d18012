import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { untilAppAnswers } from '../parts/app.ts';
import { BareCluster, type BareClusterOptions } from '../parts/bare-cluster.ts';
import { BareContainer } from '../parts/bare-container.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import type { PathEffort } from '../parts/path-times.ts';
import type { Comparison } from '../report/comparison.ts';
import type { WorkspaceMemory } from '../report/memory.ts';
import type { Load, Path, Report, Table } from '../report/report.ts';
import type { PathComparison, RouteChange } from '../report/routes.ts';
import type { SshComparison } from '../report/ssh.ts';

/** The grace time of the workspaces that are measured; ms. */
export const GRACE = 1_000;

/** A workspace of ours and, for the same, what is there without us; each with the app in its cluster. */
export interface Pair {
  readonly ours: OurWorkspace;
  readonly container: BareContainer;
  readonly cluster: BareCluster;
}

export interface BenchOptions extends BareClusterOptions {
  readonly rounds: Report['rounds'];
  /** Whether k3d without options is measured, too. */
  readonly plain: boolean;
  /** How long a workspace sleeps before somebody comes back (ms), and how often that is tried. */
  readonly sleeps: ReadonlyArray<{ readonly ms: number; readonly rounds: number }>;
  /** Whether a client that falls silent is waited for. */
  readonly silent: boolean;
  /** How long the factory's use of the processors is watched; ms. */
  readonly watch: number;
  /** Numbers of idle sessions. */
  readonly sessions: readonly number[];
  /** What is asked of each way to an app, in each round. */
  readonly path: PathEffort;
  /** How many keys are pressed in each turn of a terminal, and how much each transfer by SSH takes along. */
  readonly ssh: { readonly keys: number; readonly mebibytes: number };
  /** Tells whoever waits what is being measured. */
  readonly say: (text: string) => void;
}

/** What all scenarios of one run share, and where they put what they find. Disposing it removes what it made. */
export class Bench implements AsyncDisposable {
  readonly options: BenchOptions;
  readonly comparisons: Comparison[] = [];
  readonly comingAndGoing: Comparison[] = [];
  readonly throughTheApi: Comparison[] = [];
  readonly throughTheRoutes: PathComparison[] = [];
  readonly routeChanges: RouteChange[] = [];
  readonly ssh: SshComparison[] = [];
  readonly loads: Load[] = [];
  readonly paths: Path[] = [];
  memory: WorkspaceMemory | undefined;
  readonly #made = new AsyncDisposableStack();
  #pair: Promise<Pair> | undefined;

  constructor(options: BenchOptions) {
    this.options = options;
  }

  /** Made when it is first asked for. Nobody is logged in, so ours is suspended or about to be. */
  pair(): Promise<Pair> {
    this.#pair ??= this.#makePair();
    return this.#pair;
  }

  async #makePair(): Promise<Pair> {
    this.options.say('making a workspace, a bare container and a bare cluster');
    const factory = this.#made.use(
      await Factory.start({ grace: `${GRACE / 1_000}s`, labs: { k3s: CLUSTER_LAB } }),
    );
    const ours = await OurWorkspace.of(factory, 'alice');
    await ours.prepare();
    const container = this.#made.use(await BareContainer.run());
    const cluster = this.#made.use(await BareCluster.create('as-ours', this.options));
    await cluster.door.untilOfUse();
    await untilAppAnswers(await cluster.apply(), 100);
    await cluster.pause();
    await ours.paused();
    return { ours, container, cluster };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.disposeAsync();
  }
}

/** One thing to measure. */
export interface Scenario {
  /** For `--only`, and for whoever waits. */
  readonly name: string;
  /** What it fills, alone or with others. */
  readonly table: Table;
  readonly run: (bench: Bench) => Promise<void>;
}
