import { FactoryError } from '../../errors/factory-error.ts';
import { type LabDefinition, NOTHING_GIVEN } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { HookLedger, ResolveLab } from '../ledger/hook-ledger.ts';
import type { Delivery, Outbox } from '../ledger/outbox.ts';
import type { HookOffice } from './hook-office.ts';
import { type HookList, hookStatus } from './hook-status.ts';

export interface LedgerOfficeOptions {
  readonly ledger: HookLedger;
  readonly resolve: ResolveLab;
  /** Something of this workspace may be due. */
  readonly wake: (key: WorkspaceKey) => void;
  /** As the courier's. */
  readonly onInitialized: (configuration: string) => void;
}

export class LedgerOffice implements HookOffice {
  readonly #options: LedgerOfficeOptions;

  constructor(options: LedgerOfficeOptions) {
    this.#options = options;
  }

  list(most: number): HookList {
    return listOf(this.#options.ledger.outbox, most);
  }

  retry(id: string | undefined): number {
    const { ledger } = this.#options;
    if (id === undefined) {
      const all = ledger.outbox.list(Number.MAX_SAFE_INTEGER).filter(mayBeRetried);
      this.#retry(all);
      return all.length;
    }
    const delivery = this.#find(id);
    if (!mayBeRetried(delivery)) {
      throw new FactoryError(
        'REQUEST_INVALID',
        'An initialization that was given up is not tried again: its workspace begins a new one when somebody comes. Drop it.',
      );
    }
    this.#retry([delivery]);
    return 1;
  }

  drop(id: string): void {
    const { ledger, onInitialized, wake } = this.#options;
    const delivery = this.#find(id);
    ledger.drop(delivery, this.#labOf(delivery.key));
    if (delivery.hook === 'initialization' && delivery.configuration !== undefined) {
      onInitialized(delivery.configuration);
    }
    wake(delivery.key);
  }

  #retry(deliveries: readonly Delivery[]): void {
    const { ledger, wake } = this.#options;
    ledger.retry(deliveries);
    for (const { key } of deliveries) wake(key);
  }

  #find(id: string): Delivery {
    const delivery = this.#options.ledger.outbox.find(id);
    if (delivery !== undefined) return delivery;
    throw new FactoryError('REQUEST_INVALID', 'No hook with that id waits; "factory hooks" lists them.');
  }

  #labOf(key: WorkspaceKey): LabDefinition | undefined {
    try {
      return this.#options.resolve(key, NOTHING_GIVEN);
    } catch {
      return undefined;
    }
  }
}

export function listOf(outbox: Outbox, most: number): HookList {
  const { waiting, givenUp } = outbox.counts();
  return { waiting, given_up: givenUp, hooks: outbox.list(most).map(hookStatus) };
}

function mayBeRetried({ state, hook }: Delivery): boolean {
  return state === 'waiting' || hook !== 'initialization';
}
