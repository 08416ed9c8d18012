import type { FastifyRequest } from 'fastify';
import type { FactoryError } from '../errors/factory-error.ts';
import { originOf } from '../http/origin.ts';
import { isRefusal } from '../http/problem.ts';
import { resultOf } from '../http/refusal.ts';
import { type AuditEntry, audit } from '../logging/audit.ts';
import { AuditTally } from '../logging/audit-tally.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { Endpoint } from './endpoints.ts';
import { callerName, whoIs } from './open-calls.ts';

/** RFC 9110 §9.2.1. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** What somebody with a valid token asks for. */
export interface AskedCall {
  readonly principal: Principal;
  readonly endpoint: Endpoint;
  /** Undefined: the list. */
  readonly key: WorkspaceKey | undefined;
}

/** The audit log of one request. */
export interface CallAudit {
  allowed(): void;
  /** It may not be. */
  refused(error: FactoryError): void;
  /** It might be, and was not. */
  cameToNothing(error: FactoryError): void;
}

type What = Extract<AuditEntry['what'], 'order' | 'kubeconfig' | 'question'>;

const MESSAGES: Readonly<Record<What, string>> = {
  order: 'an order over the API',
  kubeconfig: 'a kubeconfig is asked for over the API',
  question: 'a question over the API',
};

/**
 * Who orders what over the API, or has credentials for a cluster given out, and who tries to. Of questions only those are told of that may not
 * be asked, and of one caller's the first in a minute: programs ask again and again.
 */
export class ApiAudit implements Disposable {
  readonly #logger: Logger;
  readonly #questions: AuditTally;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#questions = new AuditTally(logger);
  }

  /** For the log's last lines. */
  [Symbol.dispose](): void {
    this.#questions[Symbol.dispose]();
  }

  of(request: FastifyRequest, asked: AskedCall): CallAudit {
    const { principal, endpoint, key } = asked;
    const what = whatIs(request, endpoint);
    // Now: of a connection that is over nobody knows where it came from.
    const { from } = originOf(request.raw.socket);
    const entry = { who: whoIs(principal), from, door: 'api', what, lab: key?.lab } as const;
    const fields = {
      role: principal.role,
      user: key?.user,
      [what === 'question' ? 'question' : 'order']: endpoint,
    };
    const nothing = (error: FactoryError) => ({
      entry: { ...entry, result: resultOf(error), reason: error.detail ?? error.message },
      // Of a failure the log has a line with all of it, under this id.
      fields: { ...fields, code: error.code, ...(isRefusal(error) && { errorId: error.id }) },
      message: `${MESSAGES[what]}, of which nothing comes`,
    });
    return {
      allowed: () => {
        if (what !== 'question')
          audit(this.#logger, { ...entry, result: 'accepted' }, MESSAGES[what], fields);
      },
      refused: (error) => {
        const { entry: whole, fields: more, message } = nothing(error);
        if (what === 'question') this.#questions.note(callerName(principal), whole, message, more);
        else audit(this.#logger, whole, message, more);
        error.claimLogLine();
      },
      cameToNothing: (error) => {
        const { entry: whole, fields: more, message } = nothing(error);
        if (what !== 'question') audit(this.#logger, whole, message, more);
      },
    };
  }
}

function whatIs({ method }: FastifyRequest, endpoint: Endpoint): What {
  if (endpoint === 'kubeconfig') return 'kubeconfig';
  return READING.has(method) ? 'question' : 'order';
}
