/** How a command ended (RFC 4254 §6.10). */
export type Exit =
  | { readonly kind: 'status'; readonly code: number }
  | { readonly kind: 'signal'; readonly name: string; readonly coreDumped: boolean };

/** The gateway itself, not the command, could not do what was asked; ssh's own 255 would look like a lost connection. */
export const GATEWAY_FAILED: Exit = { kind: 'status', code: 254 };

/** The signals that SSH has names for. */
const SIGNALS: ReadonlySet<string> = new Set([
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
]);

/** The bare name of a signal that SSH knows ("SIGKILL" and "KILL" are "KILL"); undefined for anything else. */
export function parseSignal(name: string): string | undefined {
  const bare = name.toUpperCase().replace(/^SIG/, '');
  return SIGNALS.has(bare) ? bare : undefined;
}
