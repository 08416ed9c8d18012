/** A `lab.yaml` as an object. */
export type LabFile = Readonly<Record<string, unknown>>;

export interface FactoryOptions {
  readonly domain?: string;
  /** "4s" */
  readonly grace?: string;
  readonly stopAfter?: string;
  /** Where a source of the kind `github` asks; it is listed after the key files. */
  readonly github?: string;
  /** By name. Default: `k3s`, which has a cluster. */
  readonly labs?: Readonly<Record<string, LabFile>>;
  /** Which users may use which labs; by default everybody may use all. Who may use several must name one to log in. */
  readonly groups?: ReadonlyArray<{
    name: string;
    members: readonly string[];
    labs: readonly string[];
    default_lab?: string;
  }>;
  /** More keys at the top of the configuration; they replace what the others made. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More keys of `clusters`. */
  readonly clusters?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The Docker socket is in a process of its own, and the gateway has none. */
  readonly split?: boolean;
  /** And it is another user, who may not open that socket (`canBeOtherUser`). */
  readonly twoUsers?: boolean;
  /** Another build's `main.js`. */
  readonly program?: string;
  /** The Node to run it with; absent: that of the tests. */
  readonly node?: string;
}
