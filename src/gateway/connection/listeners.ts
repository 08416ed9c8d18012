/** Somebody at the other end of a session's channel. */
export interface Listener {
  /** A person at a terminal, and no program that reads what comes. */
  readonly interactive: boolean;
  tell(text: string): void;
}

/** Keeps the listener among those who are told, until the signal aborts. */
export function listen(listeners: Set<Listener>, listener: Listener, until: AbortSignal): void {
  if (until.aborted) return;
  listeners.add(listener);
  until.addEventListener('abort', () => listeners.delete(listener), { once: true });
}
