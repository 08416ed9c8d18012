import type { FactoryError } from '../errors/factory-error.ts';
import type { AuditEntry } from '../logging/audit.ts';
import { isRefusal } from './problem.ts';

/** What a request is answered that was turned away. */
export interface Refusal {
  readonly error: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** When to come again (RFC 9110 §10.2.3), in whole seconds, of which it is one at least. */
export function retryAfter(ms: number) {
  const seconds = Math.max(Math.ceil(ms / 1_000), 1);
  return { seconds, headers: { 'retry-after': String(seconds) } };
}

/** What the audit log calls an error: one that is no refusal is a failure of ours. */
export function resultOf(error: Pick<FactoryError, 'code'>): AuditEntry['result'] {
  if (error.code === 'TOO_MANY_REQUESTS') return 'limited';
  return isRefusal(error) ? 'refused' : 'failed';
}
