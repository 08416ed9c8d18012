import type { InnerConnection } from './inner-connection.ts';

/** What `ask` is answered by the container's sshd. Rejects with the refusal, or when the connection is lost before an answer. */
export async function answerOf<T>(
  { over }: InnerConnection,
  ask: (done: (error: Error | null | undefined, value: T) => void) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const lost = (): void => reject(new Error('the connection to the container was lost'));
  over.addEventListener('abort', lost);
  try {
    if (over.aborted) lost();
    else ask((error, value) => (error ? reject(error) : resolve(value)));
    return await promise;
  } finally {
    over.removeEventListener('abort', lost);
  }
}
