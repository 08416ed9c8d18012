import { FactoryError } from '../errors/factory-error.ts';

/** The HTTP status with which the engine refused a call, or undefined where `thrown` is something else. */
export function refusalStatus(thrown: unknown): number | undefined {
  const failure = thrown instanceof FactoryError ? thrown.cause : thrown;
  if (!(failure instanceof Error) || !('statusCode' in failure)) return undefined;
  return typeof failure.statusCode === 'number' ? failure.statusCode : undefined;
}

/** What a call of the engine threw as `DOCKER_FAILED` (it answered and refused) or `DOCKER_UNAVAILABLE` (it did not). */
export function dockerFailure(what: string, thrown: unknown): FactoryError {
  if (thrown instanceof FactoryError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (refusalStatus(thrown) !== undefined) {
    return new FactoryError('DOCKER_FAILED', `Docker could not ${what}; its answer is in the log.`, {
      cause: thrown,
      detail,
    });
  }
  return new FactoryError(
    'DOCKER_UNAVAILABLE',
    'Docker does not answer; try again in a minute, or check with `docker version` that it runs and that you may use it.',
    { cause: thrown, detail },
  );
}

export function dockerTimeout(what: string, milliseconds: number): FactoryError {
  const seconds = Math.round(milliseconds / 1000);
  return new FactoryError(
    'TIMED_OUT',
    `Docker took more than ${seconds} s to ${what}; try again, and look at the load of its machine.`,
  );
}
