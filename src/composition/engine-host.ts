import { readAcmeAuthority } from '../acme/acme-authority.ts';
import type { BackendWatcher, RouteProxy } from '../backend/backend.ts';
import type { EngineHost } from '../backend/engine-host.ts';
import { createK3dClusters } from '../clusters/k3d/k3d-clusters.ts';
import { createDockerEngine } from '../docker-engine/docker-engine.ts';
import { watchDockerEvents } from '../docker-engine/docker-events.ts';
import { availableHostMemory } from '../docker-engine/host-memory.ts';
import { createImageStore } from '../images/image-store.ts';
import type { HostOf } from '../labs/host-of.ts';
import { clusterLogFolder } from '../logging/log-files.ts';
import { createTraefikContainer } from '../routing/traefik-container.ts';
import { traefikLabels } from '../routing/traefik-labels.ts';
import { createDockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { createDockerFronts } from '../runtime/docker/fronts/front-containers.ts';
import { createSubnetPool } from '../subnets/subnet-pool.ts';
import type { Runtime } from '../workspaces/ports/runtime.ts';
import { clustersFolder } from './clusters-folder.ts';
import { openInstanceId } from './instance-id-file.ts';
import { createLiveGarbage } from './live-garbage.ts';
import { traefikForOwnName } from './own-name.ts';
import { openPipeFolders } from './pipe-folders.ts';
import { publicApi } from './public-api.ts';
import { publicUrls } from './public-urls.ts';
import { routesFolder } from './routes-folder.ts';
import type { StartRequest } from './start-request.ts';

export interface EngineHostRequest
  extends Pick<
    StartRequest,
    'config' | 'k3d' | 'k3dImages' | 'setupFile' | 'logger' | 'assertRoutePortsFree' | 'stop'
  > {
  /** A folder of its own: the instance id, k3d's home, the logs of clusters. */
  readonly data: string;
  readonly hostOf: HostOf;
}

/** Whoever has one of these is root on this host, or reads what everybody has: sockets, devices, the kernel's and Docker's files. */
const FOR_NO_LAB = ['/run', '/dev', '/proc', '/sys', '/var/lib/docker', '/var/lib/containerd'];

/**
 * The Docker engine, k3d and Traefik of this host. Resolves when Traefik answers. Rejects with `CONFIG_INVALID`, `PORT_IN_USE`
 * and as `TraefikContainer.ensure` does.
 */
export async function openEngineHost(request: EngineHostRequest): Promise<EngineHost> {
  const { config, data, hostOf, logger, stop } = request;
  const instance = await openInstanceId(data);
  const engine = createDockerEngine();
  const images = createImageStore({ engine, setupFile: request.setupFile });
  const subnets = createSubnetPool({ engine, within: config.clusters.subnets });
  const acme = readAcmeAuthority(config.acme);
  const traefik = createTraefikContainer({
    engine,
    images,
    instance,
    image: config.images.traefik,
    folder: routesFolder(config.data),
    listens: config.routes,
    trustedProxies: config.routes.trustedProxies,
    ...(await traefikForOwnName(config, acme, data)),
    logger,
  });
  await request.assertRoutePortsFree(await traefik.heldPorts(stop));
  const { ports, api } = await traefik.ensure(stop);
  const proxy: RouteProxy = { ports, api, revive: traefik.revive };

  const ofWorkspaces = { publicUrls: publicUrls(hostOf, ports), acme };
  const openTerminals = new Set<string>();
  const pipeFolders = await openPipeFolders(engine, data, stop);
  const runtimeFor = (innerAuthorizedKey: string): Runtime =>
    createDockerRuntime({
      engine,
      instance,
      images,
      subnets,
      innerAuthorizedKey,
      ...ofWorkspaces,
      openTerminals,
      host: { forbiddenMounts: [data, config.data, ...FOR_NO_LAB], pipeFolders },
      logger,
    });
  const clusters = createK3dClusters({
    engine,
    instance,
    k3d: request.k3d,
    ...(request.k3dImages === undefined ? {} : { k3dImages: request.k3dImages }),
    defaultImage: config.images.node,
    images,
    subnets,
    minFreeDisk: config.clusters.minFreeDisk,
    folder: clustersFolder(data),
    logFolder: clusterLogFolder(data),
    hostOf,
    firstServerLabels: (key) => traefikLabels(instance, key, hostOf(key)),
    acme,
    publicApi: publicApi(config.domain, hostOf, { host: config.routes.kube.host, port: ports.kube }),
    logger,
  });
  return {
    instance,
    // The type leaves out what would need the key.
    runtime: runtimeFor(''),
    runtimeFor,
    clusters,
    fronts: createDockerFronts(engine, instance, ofWorkspaces),
    memory: { available: availableHostMemory },
    proxy,
    follow: ({ onChange, onConnected }: BackendWatcher, signal) => {
      const revive = () =>
        traefik
          .revive(signal)
          .catch((err: unknown) => logger.warn({ err }, 'Traefik could not be started again'));
      const connected = () => {
        onConnected();
        void revive();
      };
      return watchDockerEvents({
        ...{ engine, instance, logger, signal },
        onChange,
        onOtherChange: () => void revive(),
        onConnected: connected,
      });
    },
    garbage: (surroundings) => createLiveGarbage({ engine, instance, data, openTerminals, ...surroundings }),
  };
}
