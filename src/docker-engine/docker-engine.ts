import Docker from 'dockerode';
import { FactoryError } from '../errors/factory-error.ts';
import { dockerFailure, dockerTimeout, refusalStatus } from './docker-failure.ts';

/**
 * One call. `what` completes "Docker could not …": "start the container". The given signal aborts when the caller's does or
 * the time is over; hand it to dockerode as `abortSignal`. A stream that the call resolves with outlives the signal.
 */
export interface DockerCall<T> {
  readonly what: string;
  readonly signal: AbortSignal;
  /** ms; 30 s where it is left out. */
  readonly timeout?: number;
  readonly request: (docker: Docker, signal: AbortSignal) => Promise<T>;
}

/**
 * The Docker engine, with an end to every call. Calls reject with `DOCKER_UNAVAILABLE`, `DOCKER_FAILED` (the engine's words
 * in `detail`), `TIMED_OUT`, or the reason of the caller's signal.
 */
export interface DockerEngine {
  call<T>(call: DockerCall<T>): Promise<T>;
  /** As `call`, but resolves with undefined where the engine answers with one of these statuses (304, 404, 409). */
  callUnless<T>(statuses: readonly number[], call: DockerCall<T>): Promise<T | undefined>;
}

const DEFAULT_TIMEOUT = 30_000;

/** Without options the engine is the one that `DOCKER_HOST` and its companions name, else this machine's. */
export function createDockerEngine(options?: Docker.DockerOptions): DockerEngine {
  const docker = connect(options);
  return {
    call: (call) => bounded(docker, call),
    async callUnless(statuses, call) {
      try {
        return await bounded(docker, call);
      } catch (thrown) {
        const status = refusalStatus(thrown);
        if (status !== undefined && statuses.includes(status)) return undefined;
        throw thrown;
      }
    },
  };
}

function connect(options: Docker.DockerOptions | undefined): Docker {
  try {
    return new Docker(options);
  } catch (thrown) {
    throw new FactoryError(
      'DOCKER_UNAVAILABLE',
      'Docker cannot be reached the way DOCKER_HOST says; correct it or unset it.',
      { cause: thrown },
    );
  }
}

/** Not `AbortSignal.timeout`: this one must be disarmed when the call is done, or it would cut the stream it opened. */
async function bounded<T>(docker: Docker, call: DockerCall<T>): Promise<T> {
  const { what, signal, timeout = DEFAULT_TIMEOUT, request } = call;
  signal.throwIfAborted();
  const ended = new AbortController();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  ended.signal.addEventListener('abort', () => reject(ended.signal.reason), { once: true });
  const onAbort = () => ended.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => ended.abort(dockerTimeout(what, timeout)), timeout);
  try {
    return await Promise.race([request(docker, ended.signal), aborted]);
  } catch (thrown) {
    if (ended.signal.aborted) throw ended.signal.reason;
    throw dockerFailure(what, thrown);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
