import { asFactoryError } from '../errors/factory-error.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';

/** The lab of one workspace, as it is defined now: groups change while the factory runs, and what hooks gave does. */
export class CurrentLab {
  readonly #resolve: () => LabDefinition | undefined;
  readonly #logger: Logger;
  #lastGood: LabDefinition | undefined;
  #isBroken = false;

  /** `resolve`: undefined where the lab is no longer defined; throws `LAB_INVALID`. */
  constructor(resolve: () => LabDefinition | undefined, logger: Logger) {
    this.#resolve = resolve;
    this.#logger = logger;
  }

  /** Undefined: it is no longer defined; what is there of it can only go to sleep. Throws `LAB_INVALID`. */
  read(): LabDefinition | undefined {
    this.#lastGood = this.#resolve();
    this.#isBroken = false;
    return this.#lastGood;
  }

  /** The same for who has to go on: one that became invalid is as it was last, and the log has why, once. */
  get known(): LabDefinition | undefined {
    try {
      return this.read();
    } catch (thrown) {
      if (!this.#isBroken) logFailure(this.#logger, asFactoryError(thrown));
      this.#isBroken = true;
      return this.#lastGood;
    }
  }
}
