import type { FastifyReply } from 'fastify';

/** Aborts when the answer is over, or nobody waits for it any more. */
export function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}
