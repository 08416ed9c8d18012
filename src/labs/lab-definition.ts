import type { LifecycleConfig } from '../config/lifecycle-values.ts';
import type { LabName } from '../names/lab-name.ts';

/** When the lab's workspaces and sessions end. */
export type Lifecycle = LifecycleConfig;

/** A lab as `labs/<name>/lab.yaml` defines it, validated, defaults filled in. */
export interface LabDefinition {
  readonly name: LabName;
  /** One line for people who choose a lab. */
  readonly description: string;
  /** The folder that holds `lab.yaml`; absolute. */
  readonly folder: string;
  readonly container: ContainerDefinition;
  /** Undefined: the lab has no cluster. */
  readonly cluster: ClusterDefinition | undefined;
  readonly lifecycle: Lifecycle;
}

export interface ContainerDefinition {
  readonly image: string;
  /** The Unix user of the sessions. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ResourceLimits;
}

/** What one container or one node may use; kept over stop and start. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memory: number;
  /** Cores; 1.5 is one and a half. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly pids: number;
}

/** The cluster, in k3d's SimpleConfig words where it has one (k3d.io/v1alpha5). */
export interface ClusterDefinition {
  /** The node image; undefined: the factory's default. */
  readonly image: string | undefined;
  /** 1, 3 or 5; several share an etcd. */
  readonly servers: number;
  readonly agents: number;
  /** Limits of each node. */
  readonly limits: ResourceLimits;
  readonly env: ReadonlyArray<{ readonly envVar: string; readonly nodeFilters: readonly string[] }>;
  readonly options: {
    readonly k3s: {
      readonly extraArgs: ReadonlyArray<{ readonly arg: string; readonly nodeFilters: readonly string[] }>;
      readonly nodeLabels: ReadonlyArray<{ readonly label: string; readonly nodeFilters: readonly string[] }>;
    };
  };
  /** A creation or start that takes longer is given up and reported; ms. */
  readonly startTimeout: number;
}
