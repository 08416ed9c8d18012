import { FactoryError } from '../errors/factory-error.ts';

/** Nobody answers, or not for long. */
export function unreachable(cause: unknown): FactoryError {
  return new FactoryError(
    'CLUSTER_SERVICE_UNREACHABLE',
    'The cluster service does not answer; start it (factory serve --roles clusters), or mend clusters.service.',
    { cause },
  );
}

/** What was open is not any more: the service has ended, or was ended. */
export function cutOff(): FactoryError {
  return unreachable(new Error('the connection has ended'));
}

/** `detail`: what is wrong with the answer. */
export function unfit(detail: string, cause?: unknown): FactoryError {
  return new FactoryError(
    'CLUSTER_SERVICE_UNFIT',
    'The cluster service answers in words that this factory does not understand; run both in the same version.',
    { detail, ...(cause === undefined ? {} : { cause }) },
  );
}
