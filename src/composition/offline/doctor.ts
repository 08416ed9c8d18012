import { createCreationRecords } from '../../clusters/k3d/creation/creation-records.ts';
import { createDockerEngine } from '../../docker-engine/docker-engine.ts';
import { CHECKS, PUBLIC_CHECKS } from '../../doctor/checks.ts';
import { askEngine } from '../../doctor/engine-answer.ts';
import { type Examination, examine } from '../../doctor/examine.ts';
import { visitKeyServers } from '../../doctor/key-server-visit.ts';
import { lookOutside } from '../../doctor/outside/look-outside.ts';
import type { Site } from '../../doctor/site.ts';
import { hasNativeCrypto } from '../../gateway/ssh/native-crypto.ts';
import { createImageStore } from '../../images/image-store.ts';
import { createTraefikContainer } from '../../routing/traefik-container.ts';
import { clustersFolder } from '../clusters-folder.ts';
import { likelyInstanceId } from '../instance-id-file.ts';
import { routesFolder } from '../routes-folder.ts';
import type { StartRequest } from '../start-request.ts';

/** What a start of the factory would be given, and who knows whether one runs already. */
export interface DoctorRequest
  extends Pick<
    StartRequest,
    'config' | 'labs' | 'logger' | 'k3d' | 'k3dImages' | 'setupFile' | 'home' | 'agentSocket' | 'stop'
  > {
  /** DOCKER_HOST, where it is set. */
  readonly dockerHost: string | undefined;
  /** Whether to look from outside as well, and which name server to ask there; undefined: not to. */
  readonly outside: { readonly resolver: string | undefined } | undefined;
  /** Whether a factory runs on the data folder. */
  readonly isRunning: () => boolean;
}

/** Begins to look at all that a factory of this configuration stands on. Rejects with `CONFIG_INVALID`. */
export async function startDoctor(request: DoctorRequest): Promise<readonly Examination[]> {
  const { config, stop } = request;
  const site: Site = {
    ...request,
    instance: await likelyInstanceId(config.data),
    engine: askEngine(createDockerEngine, stop),
    keyServers: visitKeyServers(config, stop),
    heldPorts: (signal) => portsOfTraefik(request, signal),
    creations: () => createCreationRecords(clustersFolder(config.data)).list(),
    hasNativeCrypto,
  };
  const examinations = examine(CHECKS, site, stop);
  if (request.outside === undefined) return examinations;
  const publicSite = lookOutside(site, request.outside.resolver, stop);
  return [...examinations, ...examine(PUBLIC_CHECKS, publicSite, stop)];
}

/** Of the Traefik that a factory of this data folder has left running. */
async function portsOfTraefik(
  { config, setupFile, logger }: DoctorRequest,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const engine = createDockerEngine();
  const traefik = createTraefikContainer({
    engine,
    images: createImageStore({ engine, setupFile }),
    instance: await likelyInstanceId(config.data),
    image: config.images.traefik,
    folder: routesFolder(config.data),
    listens: config.routes,
    logger,
  });
  return await traefik.heldPorts(signal);
}
