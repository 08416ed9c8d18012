import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import { withTag } from './image-name.ts';

export type RegistryAnswer =
  | { readonly has: true }
  /** `reason`: the engine's words. */
  | { readonly has: false; readonly reason: string };

/** A registry that does not answer keeps the engine trying for much longer; ms. */
const REGISTRY_LIMIT = 10_000;

/**
 * Asks the image's registry by way of the engine whether it has `image`, and pulls nothing (Docker Engine API, "Get image
 * information from the registry"). Rejects with the reason of `signal` alone.
 */
export async function askRegistry(
  engine: DockerEngine,
  image: string,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  try {
    await engine.call({
      what: 'ask the registry',
      signal,
      timeout: REGISTRY_LIMIT,
      request: (docker, abortSignal) => docker.getImage(withTag(image)).distribution({ abortSignal }),
    });
    return { has: true };
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message, detail } = asFactoryError(thrown);
    if (code === 'TIMED_OUT') return { has: false, reason: 'its registry does not answer' };
    return { has: false, reason: engineWords(detail ?? message) };
  }
}

/** Without what dockerode puts before them. */
function engineWords(text: string): string {
  return text.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '').trim();
}
