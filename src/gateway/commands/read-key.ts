import type { SessionChannel } from '../channels/session-channel.ts';

/** The first key that is pressed; empty when the input ends or the client goes. */
export async function readKey({ stdin, signal }: SessionChannel): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const typed = (chunk: Buffer): void => resolve(chunk.toString('latin1').slice(0, 1));
  const nothing = (): void => resolve('');
  stdin.once('data', typed);
  stdin.once('end', nothing);
  signal.addEventListener('abort', nothing);
  try {
    return await promise;
  } finally {
    stdin.off('data', typed);
    stdin.off('end', nothing);
    signal.removeEventListener('abort', nothing);
  }
}
