import type { Samples } from './comparison.ts';

/** The same app through the factory's Traefik, and at the node's own port. */
export interface PathComparison {
  readonly what: string;
  readonly unit: 'ms' | 'requests/s' | 'MiB/s';
  readonly ours: Samples;
  readonly theirs: Samples;
}

/** What it takes to change a route where so many workspaces have one. Times in ms. */
export interface RouteChange {
  readonly workspaces: number;
  /** Of the file that Traefik reads. */
  readonly fileBytes: number;
  /** From the order until the file is there. */
  readonly written: Samples;
  /** From then until a request goes the new way. */
  readonly effect: Samples;
  /** From the order until it is known that all requests do. */
  readonly known: Samples;
  /** The same of ten orders at once, for all of them; empty where there are fewer workspaces. */
  readonly tenKnown: Samples;
  /** Time of a core that each change takes. */
  readonly cpu: { readonly factory: Samples; readonly traefik: Samples };
}
