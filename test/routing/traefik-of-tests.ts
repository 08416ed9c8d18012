import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { createImageStore } from '../../src/images/image-store.ts';
import { createLogger } from '../../src/logging/logger.ts';
import {
  createTraefikContainer,
  type TraefikContainer,
  type TraefikContainerOptions,
} from '../../src/routing/traefik-container.ts';
import { findSetUp } from '../e2e/harness/set-up.ts';

const { images } = await findSetUp();

/** Traefik's container as the factory makes it, on free ports of the loopback unless `options` say otherwise. */
export function traefikOfTests(
  options: Pick<TraefikContainerOptions, 'instance' | 'folder'> & Partial<TraefikContainerOptions>,
): TraefikContainer {
  const engine = createDockerEngine();
  const listen = { host: '127.0.0.1', port: 0 };
  return createTraefikContainer({
    engine,
    image: images.traefik,
    images: createImageStore({ engine, setupFile: undefined }),
    listens: { http: listen, https: listen, kube: listen },
    logger: createLogger('error'),
    ...options,
  });
}
