import type { GatewayLimits } from '../gateway-limits.ts';

/**
 * Counts what one connection tries. Asking whether a key would do is no attempt: an agent with ten keys asks ten times,
 * so queries have a wider limit of their own.
 */
export class AttemptBudget {
  readonly #limits: GatewayLimits;
  #signed = 0;
  #queries = 0;
  #others = 0;

  constructor(limits: GatewayLimits) {
    this.#limits = limits;
  }

  /** Takes one; false: there was none left. */
  take(kind: 'signed' | 'query' | 'other'): boolean {
    if (kind === 'signed') return ++this.#signed <= this.#limits.signedAttempts;
    if (kind === 'query') return ++this.#queries <= this.#limits.keyQueries;
    return ++this.#others <= this.#limits.signedAttempts;
  }
}
