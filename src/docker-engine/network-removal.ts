import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEngine } from './docker-engine.ts';
import { refusalStatus } from './docker-failure.ts';
import { leaveNetwork } from './network-leaving.ts';

/** How long a container that is being removed may take to leave; ms. */
const EMPTY_LIMIT = 60_000;

/** Docker's status of a network that somebody is in. */
const IN_USE = 403;

/**
 * Removes a network, whoever is in it; it need not be there. Docker keeps one with a container in it, so each leaves first. One that
 * is being removed itself cannot be told to, and leaves in a moment.
 */
export async function removeNetwork(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(EMPTY_LIMIT)]);
  while (!(await isRemoved(engine, name, signal, limit))) {
    await delay(100, undefined, { signal: limit }).catch(() => undefined);
  }
}

/** False: somebody is in it still, and `limit` has not come. */
async function isRemoved(
  engine: DockerEngine,
  name: string,
  signal: AbortSignal,
  limit: AbortSignal,
): Promise<boolean> {
  await emptyNetwork(engine, name, signal);
  try {
    await engine.callUnless([404], {
      what: 'remove a network',
      signal,
      request: (docker, abortSignal) => docker.getNetwork(name).remove({ abortSignal }),
    });
    return true;
  } catch (thrown) {
    if (limit.aborted || refusalStatus(thrown) !== IN_USE) throw thrown;
    return false;
  }
}

async function emptyNetwork(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  const network = await engine.callUnless([404], {
    what: 'look at a network',
    signal,
    request: (docker) => docker.getNetwork(name).inspect(),
  });
  for (const container of Object.keys(network?.Containers ?? {})) {
    await leaveNetwork(engine, name, container, 'take a container out of a network', signal);
  }
}
