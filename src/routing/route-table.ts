import { z } from 'zod';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Route } from '../workspaces/ports/routes.ts';

/** A workspace and where its requests go. */
export interface RouteEntry {
  readonly key: WorkspaceKey;
  readonly route: Route;
}

/** What a host serves now. */
export interface HostRoute {
  /** Lower-case DNS name; its subdomains go the same way. */
  readonly host: string;
  readonly route: Route;
}

/** The routes of all workspaces, least recently set first. */
export type RouteTable = ReadonlyMap<string, RouteEntry>;

/** The table with this route as the most recently set one. */
export function withRoute(table: RouteTable, entry: RouteEntry): RouteTable {
  const name = formatWorkspaceKey(entry.key);
  return new Map([...table].filter(([other]) => other !== name).concat([[name, entry]]));
}

export function withoutRoute(table: RouteTable, key: WorkspaceKey): RouteTable {
  const name = formatWorkspaceKey(key);
  return new Map([...table].filter(([other]) => other !== name));
}

/**
 * One route for each host. Where workspaces share a host (two labs of one user), the most recently set awake one has it,
 * and while none is awake the most recently set one.
 */
export function hostRoutes(table: RouteTable, hostOf: (key: WorkspaceKey) => string): readonly HostRoute[] {
  const chosen = new Map<string, Route>();
  for (const { key, route } of table.values()) {
    const host = hostOf(key);
    const before = chosen.get(host);
    if (before?.kind === 'awake' && route.kind !== 'awake') continue;
    chosen.set(host, route);
  }
  return [...chosen].map(([host, route]) => ({ host, route })).sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** The table as one line of JSON; `parseRouteTable` reads it back. */
export function formatRouteTable(table: RouteTable): string {
  return JSON.stringify([...table.values()]);
}

const address = z.ipv4();
const addresses = z.strictObject({
  ingress: address,
  api: z.strictObject({ host: address, port: z.int().min(1).max(65535) }),
});
const entrySchema = z.strictObject({
  key: z.strictObject({ user: z.string(), lab: z.string() }),
  route: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('asleep') }),
    z.strictObject({ kind: z.literal('starting'), addresses }),
    z.strictObject({ kind: z.literal('awake'), addresses }),
  ]),
});

/** Undefined where `text` is not what `formatRouteTable` writes. */
export function parseRouteTable(text: string): RouteTable | undefined {
  const parsed = z.array(entrySchema).safeParse(jsonOrUndefined(text));
  if (!parsed.success) return undefined;
  let table: RouteTable = new Map();
  for (const entry of parsed.data) {
    const key = parseWorkspaceKey(entry.key.user, entry.key.lab);
    if (key === undefined) return undefined;
    table = withRoute(table, { key, route: entry.route });
  }
  return table;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
