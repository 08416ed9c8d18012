import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { Logger } from '../logging/logger.ts';
import { type ChoosePort, leftToChance, takenAddresses, withChancePorts } from './chance-ports.ts';
import { freePort } from './free-port.ts';
import { listensOn } from './traefik-api.ts';
import {
  containerOptions,
  setupDigest,
  TRAEFIK_LABEL,
  type TraefikPorts,
  type TraefikSetup,
  traefikName,
} from './traefik-options.ts';

export interface TraefikContainerOptions extends TraefikSetup {
  readonly engine: DockerEngine;
  readonly images: ImageStore;
  readonly logger: Logger;
  /** Finds the ports that are left to chance; absent: one that is free now. */
  readonly choosePort?: ChoosePort;
}

/** Where a running Traefik listens. */
export interface RunningTraefik {
  readonly ports: TraefikPorts;
  /** URL of its API, without a path. */
  readonly api: string;
}

/**
 * The factory's own Traefik. It is left running when the factory stops, so that routes stay up over a restart, an upgrade
 * and a crash; the next factory of the same instance takes it over, ports included. `remove` is for good.
 */
export interface TraefikContainer {
  /**
   * Resolves when Traefik answers. One with another setup is replaced. Rejects with `TRAEFIK_FAILED` (its log in `detail`),
   * `PORT_IN_USE` (where a port that is left to chance is taken others are tried first), `IMAGE_UNAVAILABLE` and what
   * Docker's calls reject with.
   */
  ensure(signal: AbortSignal): Promise<RunningTraefik>;
  /**
   * The ports of the entry points that our own Traefik holds, so that whoever checks before the start that ports are free
   * can leave them out: `ensure` keeps them, or frees them where the setup is another. Empty where none runs.
   */
  heldPorts(signal: AbortSignal): Promise<readonly number[]>;
  /**
   * Starts the container that is there where it does not run: an engine that was killed ends it and, against the restart
   * policy, leaves it so. Does not wait until it answers.
   */
  revive(signal: AbortSignal): Promise<void>;
  remove(signal: AbortSignal): Promise<void>;
}

export function createTraefikContainer(options: TraefikContainerOptions): TraefikContainer {
  const digest = setupDigest(options);
  return {
    async ensure(signal) {
      const found = await inspect(options, signal);
      if (found?.digest === digest && found.ports !== undefined) {
        const adopted = await adopt(options, found.running, found.ports, signal);
        if (adopted !== undefined) return adopted;
      }
      await remove(options, signal);
      return create(options, digest, signal);
    },
    async heldPorts(signal) {
      const found = await inspect(options, signal);
      if (found?.ports === undefined || !found.holdsPorts) return [];
      return [found.ports.http, found.ports.https, found.ports.kube];
    },
    async revive(signal) {
      const found = await inspect(options, signal);
      if (found === undefined || found.running) return;
      options.logger.warn('Traefik does not run; starting it again');
      await start(options, signal);
    },
    remove: (signal) => remove(options, signal),
  };
}

interface FoundTraefik {
  readonly running: boolean;
  /** Also where it is paused, or between two starts: Docker may have begun the next one before anybody looks whether they are free. */
  readonly holdsPorts: boolean;
  readonly digest: string | undefined;
  readonly ports: TraefikPorts | undefined;
}

const port = z.int().min(1).max(65535);
const portsSchema = z.strictObject({ http: port, https: port, kube: port, api: port });
const portsLabel = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(portsSchema);

async function inspect(
  options: TraefikContainerOptions,
  signal: AbortSignal,
): Promise<FoundTraefik | undefined> {
  const found = await options.engine.callUnless([404], {
    what: 'look at Traefik',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(traefikName(options.instance)).inspect({ abortSignal }),
  });
  if (found === undefined) return undefined;
  const labels: Record<string, string | undefined> = found.Config.Labels;
  const { Running, Restarting, Paused } = found.State;
  return {
    running: Running && !Restarting && !Paused,
    holdsPorts: Running || Restarting || Paused,
    digest: labels[TRAEFIK_LABEL.setup],
    ports: portsLabel.safeParse(labels[TRAEFIK_LABEL.ports]).data,
  };
}

/** Undefined where the container that is there cannot be brought to answer. An engine that gives no word says nothing of it. */
async function adopt(
  options: TraefikContainerOptions,
  running: boolean,
  ports: TraefikPorts,
  signal: AbortSignal,
): Promise<RunningTraefik | undefined> {
  try {
    if (!running) await start(options, signal);
    return await answering(options, ports, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Whoever is served by it would be cut off for nothing.
    if (isOfEngine(error)) throw error;
    options.logger.warn({ err: error }, 'the Traefik that was there does not answer; making it anew');
    return undefined;
  }
}

function isOfEngine(error: unknown): boolean {
  return error instanceof FactoryError && (error.code === 'DOCKER_UNAVAILABLE' || error.code === 'TIMED_OUT');
}

/** How often ports are left to chance before it is given up: each time another program has to be as quick as we are. */
const MOST_TRIES = 5;

async function create(
  options: TraefikContainerOptions,
  digest: string,
  signal: AbortSignal,
): Promise<RunningTraefik> {
  const { images, image, listens, logger, choosePort = freePort } = options;
  await images.ensure(image, (step) => logger.info({ step }, 'preparing Traefik'), signal);
  for (let tries = 1; ; tries++) {
    const ports = await withChancePorts(listens, choosePort);
    try {
      return await createOn(options, ports, digest, signal);
    } catch (error) {
      if (tries === MOST_TRIES || !isBadLuck(error, options)) throw error;
      logger.warn({ ports }, 'another program took a port that was left to chance; choosing others');
    }
  }
}

function isBadLuck(error: unknown, { listens }: TraefikContainerOptions): boolean {
  if (!(error instanceof FactoryError) || error.code !== 'PORT_IN_USE') return false;
  return leftToChance(takenAddresses(error.detail ?? ''), listens);
}

async function createOn(
  options: TraefikContainerOptions,
  ports: TraefikPorts,
  digest: string,
  signal: AbortSignal,
): Promise<RunningTraefik> {
  await options.engine.call({
    what: 'create Traefik',
    signal,
    request: (docker, abortSignal) =>
      docker.createContainer({ ...containerOptions(options, ports, digest), abortSignal }),
  });
  try {
    await start(options, signal);
    const running = await answering(options, ports, signal);
    options.logger.info({ ports }, 'Traefik is up');
    return running;
  } catch (error) {
    // One that fails must not go on restarting for ever, nor be adopted.
    await remove(options, AbortSignal.timeout(30_000)).catch(() => undefined);
    throw error;
  }
}

async function start(options: TraefikContainerOptions, signal: AbortSignal): Promise<void> {
  await options.engine.callUnless([304], {
    what: 'start Traefik',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(traefikName(options.instance)).start({ abortSignal }),
  });
}

async function remove(options: TraefikContainerOptions, signal: AbortSignal): Promise<void> {
  await options.engine.callUnless([404], {
    what: 'remove Traefik',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(traefikName(options.instance)).remove({ force: true, v: true, abortSignal }),
  });
}

/** ms; it takes well under one second, on a machine that is not overloaded. */
const ANSWER_LIMIT = 30_000;

async function answering(
  options: TraefikContainerOptions,
  ports: TraefikPorts,
  signal: AbortSignal,
): Promise<RunningTraefik> {
  const api = `http://127.0.0.1:${ports.api}`;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT)]);
  // Another factory's Traefik may have been quicker to take the port of the API, and would answer as well.
  while (!(await listensOn(api, ports, bounded))) {
    signal.throwIfAborted();
    const found = await inspect(options, signal);
    if (bounded.aborted || found?.running !== true) throw await failure(options, signal);
    await delay(50, undefined, { signal: bounded }).catch(() => undefined);
  }
  return { ports, api };
}

async function failure(options: TraefikContainerOptions, signal: AbortSignal): Promise<FactoryError> {
  const log = await options.engine.callUnless([404], {
    what: "read Traefik's log",
    signal,
    request: (docker, abortSignal) =>
      docker
        .getContainer(traefikName(options.instance))
        .logs({ stdout: true, stderr: true, tail: 20, follow: false, abortSignal }),
  });
  const detail = log?.toString('utf8') ?? '';
  const taken = takenAddresses(detail);
  if (taken.length > 0) {
    return new FactoryError(
      'PORT_IN_USE',
      `Another program holds ${taken.join(', ')}, a port of the routes; stop it or set another port under "routes".`,
      { detail },
    );
  }
  return new FactoryError('TRAEFIK_FAILED', 'Traefik does not come up; the end of its log is in ours.', {
    detail,
  });
}
