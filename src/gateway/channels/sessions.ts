import type { Connection, ServerChannel, Session } from 'ssh2';
import type { ChannelSlots } from './channel-slots.ts';
import { SessionChannel } from './session-channel.ts';
import { SessionSettings } from './session-settings.ts';

/** What a client may start in a session channel (RFC 4254 §6.5). */
export type SessionRequest =
  | { readonly kind: 'shell' }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'subsystem'; readonly name: string };

export type ServeSession = (channel: SessionChannel, request: SessionRequest) => void;

interface SessionOptions {
  readonly slots: ChannelSlots;
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
  readonly serve: ServeSession;
  /** Serves the sessions for which there is no slot any more: they get a sentence and end. */
  readonly spareSlots: ChannelSlots;
  readonly serveBeyondLimit: ServeSession;
  /** The client knows OpenSSH's `eow@openssh.com`. */
  readonly knowsEow: boolean;
}

/** Accepts session channels. */
export function acceptSessions(connection: Connection, options: SessionOptions): void {
  connection.on('session', (accept, reject) => {
    const slot = options.slots.take();
    const freeSlot = slot ?? options.spareSlots.take();
    if (freeSlot === undefined) return reject();
    attach(accept(), freeSlot, options, slot === undefined ? options.serveBeyondLimit : options.serve);
  });
}

function attach(
  session: Session,
  freeSlot: () => void,
  { signal: connectionOver, knowsEow }: Pick<SessionOptions, 'signal' | 'knowsEow'>,
  serve: ServeSession,
): void {
  const closed = new AbortController();
  let started = false;
  connectionOver.addEventListener('abort', () => closed.abort(), { signal: closed.signal });
  session.on('close', () => {
    closed.abort();
    if (!started) freeSlot();
  });
  const settings = new SessionSettings(session);

  // accept() must be called at once: a client with an empty stdin sends EOF next, and after that it returns nothing.
  const start = (accept: () => ServerChannel | undefined, request: SessionRequest): void => {
    const channel = accept();
    if (channel === undefined) return;
    started = true;
    settings.start();
    const interactive = request.kind === 'shell' && settings.pty !== undefined;
    const context = {
      interactive,
      knowsEow,
      closed: closed.signal,
      gone: connectionOver,
      onFinish: freeSlot,
    };
    serve(new SessionChannel(channel, settings, context), request);
  };
  session.on('shell', (accept) => start(accept, { kind: 'shell' }));
  session.on('exec', (accept, _reject, { command }) => start(accept, { kind: 'exec', command }));
  session.on('subsystem', (accept, _reject, { name }) => start(accept, { kind: 'subsystem', name }));
}
