import type { ServeSession } from './sessions.ts';

/** Serves every session with a sentence and status 1. */
export function refusal(message: string): ServeSession {
  return (channel) => {
    channel.tell(message);
    void channel.finish({ kind: 'status', code: 1 });
  };
}
