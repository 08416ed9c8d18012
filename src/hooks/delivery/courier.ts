import type { HookDefinition, LabDefinition } from '../../labs/lab-definition.ts';
import type { Logger } from '../../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import { backOff } from '../../workspaces/parts/back-off.ts';
import type { Events } from '../../workspaces/ports/events.ts';
import type { Faults } from '../ledger/fault-points.ts';
import type { HookLedger, ResolveLab } from '../ledger/hook-ledger.ts';
import type { Delivery } from '../ledger/outbox.ts';
import type { HookRequest, HookResponse } from './post-hook.ts';
import { signedHeaders } from './signed-headers.ts';
import { judgeFailure, judgeResponse, LONGEST_RETRY_AFTER, type Verdict } from './verdict.ts';

export interface CourierOptions {
  readonly ledger: HookLedger;
  readonly resolve: ResolveLab;
  /** Rejects as `postHook` does. */
  readonly post: (request: HookRequest, signal: AbortSignal) => Promise<HookResponse>;
  /** Called when an `initialization` is over, one way or the other; with the id of its configuration, and why where it has failed. */
  readonly onInitialized: (configuration: string, failure?: string) => void;
  readonly events: Events;
  /** How long a delivery is tried, ms. */
  readonly giveUpAfter: number;
  /** Of the factory, for the receiver. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly faults: Faults;
  readonly logger: Logger;
}

/** Between two tries at most, ms. */
const LONGEST_PAUSE = 300_000;
/** Before that nothing is given up, however old it is: the factory itself may have been off. */
const FEWEST_TRIES = 5;
/** Where the file can not be written, ms. */
const PAUSE_AFTER_FAULT = 10_000;

/** Delivers what waits, one try at a time. */
export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Tries what is next in this workspace, where its time has come. Gives when to come again, ms since the epoch. Never rejects. */
  async turn(key: WorkspaceKey, signal: AbortSignal): Promise<number | undefined> {
    const { ledger, clock, faults, logger } = this.#options;
    try {
      const head = ledger.outbox.head(key);
      if (head === undefined || !isDue(head, clock.now())) return head?.nextAt;
      await this.#deliver(head, signal);
      faults.at('next: before');
      return signal.aborted ? undefined : ledger.outbox.head(key)?.nextAt;
    } catch (error) {
      logger.error({ err: error, workspace: formatWorkspaceKey(key) }, 'the outbox of hooks can not be used');
      return clock.now() + PAUSE_AFTER_FAULT;
    }
  }

  async #deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { ledger, clock } = this.#options;
    const began = clock.now();
    const lab = this.#labOf(delivery);
    if (lab instanceof Error) {
      this.#conclude(
        delivery,
        undefined,
        { kind: 'failed', reason: lab.message, retryAfter: undefined },
        began,
      );
      return;
    }
    const definition = lab?.hooks[delivery.hook];
    if (definition === undefined) {
      ledger.settle(delivery, undefined);
      this.#log(delivery).warn('the lab does not ask for this hook any more; it is dropped');
      this.#initialized(delivery);
      return;
    }
    const verdict = await this.#try(delivery, definition, signal);
    // The next start tries it again.
    if (verdict.kind !== 'delivered' && signal.aborted) return;
    this.#conclude(delivery, lab, verdict, began, definition);
  }

  async #try(delivery: Delivery, definition: HookDefinition, signal: AbortSignal): Promise<Verdict> {
    const { post, version, clock, faults } = this.#options;
    try {
      const headers = signedHeaders(definition, delivery, version, clock.now());
      faults.at('send: before');
      const response = await post(
        {
          url: definition.url,
          headers,
          body: delivery.body,
          timeout: definition.timeout,
          wantsBody: delivery.hook === 'initialization',
          onSent: () => faults.at('send: under way'),
        },
        signal,
      );
      faults.at('send: after');
      return judgeResponse(delivery.hook, response, clock.now());
    } catch (error) {
      return judgeFailure(error);
    }
  }

  #conclude(
    delivery: Delivery,
    lab: LabDefinition | undefined,
    verdict: Verdict,
    began: number,
    definition?: HookDefinition,
  ): void {
    const outcome = this.#write(delivery, lab, verdict);
    const { events, clock } = this.#options;
    const now = clock.now();
    const attempt = delivery.attempts + 1;
    const { hook, id, key } = delivery;
    events.emit({ at: now, key, kind: 'hook', hook, outcome, attempt, ms: now - began, delivery: id });
    if (verdict.kind !== 'delivered') {
      const fields = { outcome, attempt, to: placeOf(definition?.url), reason: verdict.reason };
      this.#log(delivery).warn(fields, 'a hook was not delivered');
    }
    if (outcome === 'failed') return;
    this.#initialized(delivery, verdict.kind === 'delivered' ? undefined : verdict.reason);
  }

  /** What the verdict means for this delivery, written down. */
  #write(
    delivery: Delivery,
    lab: LabDefinition | undefined,
    verdict: Verdict,
  ): 'delivered' | 'failed' | 'given_up' | 'refused' {
    const { ledger, clock, random } = this.#options;
    const isInitialization = delivery.hook === 'initialization';
    if (verdict.kind === 'delivered') {
      ledger.settle(delivery, verdict.answer);
      return 'delivered';
    }
    if (verdict.kind === 'refused' && isInitialization) {
      ledger.refuse(delivery);
      return 'refused';
    }
    if (verdict.kind === 'unusable' && isInitialization) return this.#unusable(delivery, lab, verdict.reason);
    const isGone = verdict.kind === 'refused' && verdict.gone;
    if (isGone || this.#isTooOld(delivery)) {
      ledger.giveUp(delivery, lab, verdict.reason);
      return 'given_up';
    }
    const pause = backOff(delivery.attempts + 1, random(), LONGEST_PAUSE);
    const asked = verdict.kind === 'failed' ? (verdict.retryAfter ?? 0) : 0;
    ledger.postpone(delivery, clock.now() + Math.max(pause, asked), verdict.reason);
    return 'failed';
  }

  /** The receiver has acted. Where it is not required the workspace is initialized, with nothing given. */
  #unusable(delivery: Delivery, lab: LabDefinition | undefined, reason: string): 'given_up' | 'failed' {
    const { ledger } = this.#options;
    if (lab?.hooks.initialization?.required === true) ledger.giveUp(delivery, lab, reason);
    else ledger.settle(delivery, undefined);
    return 'given_up';
  }

  #isTooOld({ createdAt, attempts }: Delivery): boolean {
    const { giveUpAfter, clock } = this.#options;
    return attempts + 1 >= FEWEST_TRIES && clock.now() - createdAt >= giveUpAfter;
  }

  #labOf(delivery: Delivery): LabDefinition | Error | undefined {
    const { ledger, resolve } = this.#options;
    try {
      return resolve(delivery.key, ledger.configurations.given(delivery.configuration));
    } catch (error) {
      return error instanceof Error ? error : new Error('the lab can not be used');
    }
  }

  #initialized({ hook, configuration }: Delivery, failure?: string): void {
    if (hook !== 'initialization' || configuration === undefined) return;
    this.#options.onInitialized(configuration, failure);
  }

  #log({ key, hook, id }: Delivery): Logger {
    return this.#options.logger.child({ workspace: formatWorkspaceKey(key), hook, delivery: id });
  }
}

/** What waits for longer than anything can was put off by a clock that was wrong. */
function isDue({ nextAt }: Delivery, now: number): boolean {
  return nextAt <= now || nextAt > now + LONGEST_RETRY_AFTER;
}

/** What may be logged of a URL. */
function placeOf(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed === null ? undefined : `${parsed.origin}${parsed.pathname}`;
}
