import type { LifecycleConfig } from '../config/lifecycle-values.ts';
import type { ResourceLimits } from '../config/resource-limits.ts';
import type { LabName } from '../names/lab-name.ts';

/** When the lab's workspaces and sessions end. */
export type Lifecycle = LifecycleConfig;

/** A lab as `labs/<name>/lab.yaml` defines it for one user: validated, defaults filled in, templates rendered. */
export interface LabDefinition {
  readonly name: LabName;
  /** One line for people who choose a lab. */
  readonly description: string;
  /** The folder that holds `lab.yaml`; absolute. */
  readonly folder: string;
  readonly container: ContainerDefinition;
  /** Undefined: the lab has no cluster. */
  readonly cluster: ClusterDefinition | undefined;
  readonly routes: RoutesDefinition;
  readonly lifecycle: Lifecycle;
  readonly hooks: HookDefinitions;
  /** What the templates were rendered with besides what is known of the user. */
  readonly given: Given;
}

/** What the answer to a workspace's `initialization` brought for templates: `values.<name>`. */
export interface Given {
  readonly values: Readonly<Record<string, string>>;
}

/** Before there is an answer. */
export const NOTHING_GIVEN: Given = { values: {} };

export interface ContainerDefinition {
  readonly image: string;
  /** The folder with the Dockerfile that the image is built from where it is missing; absolute. Undefined: it is pulled. */
  readonly build: string | undefined;
  /** The Unix user of the sessions. */
  readonly user: string;
  /** `sudo`: as the image has it. `none`: no program in the container gives its user more rights (`no-new-privileges`). */
  readonly root: 'sudo' | 'none';
  /** Those that mention the session are left out here: `LabResolver.sessionEnv` has all. */
  readonly env: Readonly<Record<string, string>>;
  /** Put into each new container; a file of the home that is there already stays. */
  readonly files: readonly FileDefinition[];
  /** `kept`: over every reset of the container. `fresh`: made anew with it. */
  readonly home: 'kept' | 'fresh';
  readonly mounts: readonly MountDefinition[];
  readonly limits: ResourceLimits;
  /** `none`: the container's own network leads nowhere but to the container. */
  readonly egress: 'open' | 'none';
}

export interface FileDefinition {
  /** Where in the container; absolute, without `..`. */
  readonly path: string;
  /** `file`: a file of the lab's folder, absolute. */
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'file'; readonly file: string };
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  /** Unix user; undefined: the user of the sessions in their home, else root. */
  readonly owner: string | undefined;
}

/** A folder or file of the host, in the container. Only what the factory's configuration allows. */
export interface MountDefinition {
  /** Of the host; absolute. */
  readonly source: string;
  /** In the container; absolute. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface RoutesDefinition {
  /** The workspace's host below the factory's domain: `alice`, or a name that ends in `.alice`. */
  readonly host: string;
}

/** When a lab asks to be called. */
export const HOOK_NAMES = [
  'initialization',
  'first_session',
  'session_start',
  'session_end',
  'last_session',
  'cleanup',
  'delete',
] as const;
export type HookName = (typeof HOOK_NAMES)[number];

export type HookDefinitions = Readonly<Partial<Record<HookName, HookDefinition>>>;

/** An outgoing HTTP call that a lab asks for. */
export interface HookDefinition {
  readonly url: string;
  /** Of the Standard Webhooks scheme; undefined: calls are not signed. */
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one try, ms. */
  readonly timeout: number;
  /** Of `initialization` alone: nobody comes in without it. */
  readonly required: boolean;
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
