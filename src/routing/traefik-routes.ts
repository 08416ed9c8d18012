import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ListenAddress } from '../config/factory-config.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Route, Routes } from '../workspaces/ports/routes.ts';
import type { OwnName } from './own-name-rules.ts';
import { createPublishQueue, type PublishQueue } from './publish-queue.ts';
import { readRouteFile, writeRouteFile } from './route-file.ts';
import { hostRoutes, type RouteTable, withoutRoute, withRoute } from './route-table.ts';
import { traefikConfiguration } from './routing-rules.ts';
import { confirmGeneration } from './traefik-api.ts';

export interface TraefikRoutesOptions {
  /** The folder that Traefik watches; made where it is missing. */
  readonly folder: string;
  /** The public host of a workspace; its subdomains belong to it as well. */
  readonly hostOf: (key: WorkspaceKey) => string;
  /** URL of the factory's web server, without a path. */
  readonly web: string;
  /** Asked for each publication: the certificate is renewed now and then. */
  readonly own: () => OwnName;
  /** Where the routes' HTTPS is, as browsers reach it. */
  readonly httpsPort: number;
  /** Where the routes' kube entry point is, as this host reaches it. */
  readonly kube: ListenAddress;
  /** URL of Traefik's API, without a path. */
  readonly api: string;
  /** Starts a Traefik that was ended; else it would be in the way of every suspend. */
  readonly revive: (signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

export interface TraefikRoutes extends Routes {
  /** The workspaces whose routes an earlier factory left: remove those that are no more. */
  readonly adopted: readonly WorkspaceKey[];
  /** The same once more, after the own name changed; resolves when Traefik routes by it. Rejects as `set` does. */
  publish(signal: AbortSignal): Promise<void>;
}

/** Goes on with the routes that an earlier factory left in the folder, and publishes them with this one's pages. */
export async function createTraefikRoutes(
  options: TraefikRoutesOptions,
  signal: AbortSignal,
): Promise<TraefikRoutes> {
  const adopted = (await readRouteFile(options.folder)) ?? new Map();
  const routes = new PublishedRoutes(adopted, options);
  await routes.publish(signal);
  options.logger.debug({ adopted: adopted.size }, 'routes are published');
  return routes;
}

class PublishedRoutes implements TraefikRoutes {
  readonly adopted: readonly WorkspaceKey[];
  readonly #options: TraefikRoutesOptions;
  readonly #queue: PublishQueue;
  #table: RouteTable;
  /** What Traefik is known to serve. */
  #served: RouteTable | undefined;

  constructor(table: RouteTable, options: TraefikRoutesOptions) {
    this.adopted = [...table.values()].map((entry) => entry.key);
    this.#table = table;
    this.#options = options;
    this.#queue = createPublishQueue(() => this.#publishNow());
  }

  async set(key: WorkspaceKey, route: Route, signal: AbortSignal): Promise<void> {
    const before = this.#table.get(formatWorkspaceKey(key));
    if (this.#served === this.#table && isDeepStrictEqual(before?.route, route)) return;
    this.#table = withRoute(this.#table, { key, route });
    await this.publish(signal);
  }

  current(key: WorkspaceKey): Route | undefined {
    return this.#table.get(formatWorkspaceKey(key))?.route;
  }

  async remove(key: WorkspaceKey, signal: AbortSignal): Promise<void> {
    const known = this.#table.has(formatWorkspaceKey(key));
    if (this.#served === this.#table && !known) return;
    this.#table = withoutRoute(this.#table, key);
    await this.publish(signal);
  }

  publish(signal: AbortSignal): Promise<void> {
    return this.#queue.publish(signal);
  }

  async #publishNow(): Promise<void> {
    const { folder, hostOf, web, own, httpsPort, kube, api, revive, logger } = this.#options;
    const table = this.#table;
    const generation = randomBytes(8).toString('hex');
    const configuration = traefikConfiguration(hostRoutes(table, hostOf), {
      web,
      own: own(),
      httpsPort,
      kube,
      generation,
    });
    await writeRouteFile(folder, table, configuration);
    await confirmGeneration(api, generation, (signal) =>
      revive(signal).catch((err: unknown) => logger.warn({ err }, 'Traefik could not be started again')),
    );
    this.#served = table;
  }
}
