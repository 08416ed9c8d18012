import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, errors, Pool } from 'undici';
import { z } from 'zod';
import type { ServiceAddress } from '../config/factory-config.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { parseJson } from '../json/parse-json.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import {
  type EventMessage,
  eventMessageSchema,
  readMessages,
  resultSchema,
  runMessageSchema,
} from './messages.ts';
import type { Operation } from './operations.ts';
import { errorOf, type Problem, problemSchema } from './problem.ts';
import { cutOff, unfit, unreachable } from './service-failure.ts';

export interface ClusterClientOptions {
  readonly address: ServiceAddress;
  /** A value for the header `Authorization`. */
  readonly authorization: () => Promise<string>;
  readonly limits?: ClientLimits;
}

/** All in ms. */
export interface ClientLimits {
  /** So long a connection may be silent before it is given up; the service gives signs of life more often. */
  readonly silence: number;
  /** So long a question is asked again while nobody answers. */
  readonly readPatience: number;
  /** The same for an operation, since the service was last heard. */
  readonly runPatience: number;
  /** So long the end of an operation that was called off is waited for. */
  readonly abortPatience: number;
}

export const CLIENT_LIMITS: ClientLimits = {
  silence: 15_000,
  readPatience: 5_000,
  runPatience: 30_000,
  abortPatience: 60_000,
};

/** For one question; the service itself gives up before. ms */
const READ_LIMIT = 65_000;
const CONNECT_LIMIT = 5_000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 3_000;

/** Of a whole answer; bytes. */
const LARGEST_ANSWER = 16 * 2 ** 20;

/** How often an operation is begun anew that the other side did not see through. */
const MOST_ANEW = 10;

/** The connection was not there, or broke: what was asked may be asked again. */
class Broken extends Error {}

/** The service ended the operation of itself, because it ends, or had heard nothing of us: it is over, and may begin anew. */
class Interrupted extends Broken {}

/** Asks a cluster service. Safe against one that is silent, slow, restarted, or none at all: that costs a clear error. */
export class ClusterClient implements AsyncDisposable {
  readonly #options: ClusterClientOptions;
  readonly #limits: ClientLimits;
  readonly #pool: Pool;

  constructor(options: ClusterClientOptions) {
    this.#options = options;
    this.#limits = options.limits ?? CLIENT_LIMITS;
    const { address } = options;
    const common = {
      connect: {
        timeout: CONNECT_LIMIT,
        ...(address.kind === 'socket' ? { socketPath: address.path } : {}),
      },
      headersTimeout: this.#limits.silence,
      bodyTimeout: this.#limits.silence,
      maxResponseSize: LARGEST_ANSWER,
    };
    this.#pool = new Pool(address.kind === 'socket' ? 'http://cluster-service' : address.origin, common);
  }

  /**
   * One question. Rejects as the operation does on the other side, with `CLUSTER_SERVICE_UNREACHABLE`, `CLUSTER_SERVICE_UNFIT`, and
   * when `signal` aborts.
   */
  async read<I, O>(operation: Operation<I, O>, input: I, signal: AbortSignal): Promise<O> {
    const giveUp = Date.now() + this.#limits.readPatience;
    return this.#untilUnbroken(
      signal,
      () => giveUp,
      async () => {
        const id = randomUUID();
        const { body } = await this.#post(operation, id, input, signal, READ_LIMIT);
        const text = await body.text().catch((error: unknown) => {
          throw asFailure(error, signal);
        });
        const answer = resultSchema.safeParse(parseJson(text));
        if (!answer.success) throw unfit(z.prettifyError(answer.error));
        assertAnswers(answer.data, { id, operation: operation.name });
        return understood(operation.output, answer.data.result);
      },
    );
  }

  /**
   * Begins the operation and resolves when it is done. A connection that breaks is made again, and the operation is joined; where the
   * service was restarted it begins anew. When `signal` aborts the operation is ended, and its end is waited for. Rejects as `read`.
   */
  async run<I, O>(operation: Operation<I, O>, input: I, progress: Progress, signal: AbortSignal): Promise<O> {
    signal.throwIfAborted();
    let id = randomUUID();
    let begun = 1;
    let heard = Date.now();
    const hear = () => {
      heard = Date.now();
    };
    const patience = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const callOff = () => {
      timer = setTimeout(() => patience.abort(signal.reason), this.#limits.abortPatience);
      void this.#callOff(id);
    };
    signal.addEventListener('abort', callOff, { once: true });
    try {
      return await this.#untilUnbroken(
        signal,
        () => heard + this.#limits.runPatience,
        () =>
          this.#join(operation, id, input, progress, hear, patience.signal).catch((error: unknown) => {
            if (!(error instanceof Interrupted)) throw error;
            if (++begun > MOST_ANEW) throw unreachable(error);
            id = randomUUID();
            throw error;
          }),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', callOff);
    }
  }

  /** What happens, until the connection ends; then it rejects. */
  async *events(signal: AbortSignal): AsyncGenerator<EventMessage> {
    try {
      const { body } = await this.#request({ method: 'GET', path: '/v1/events', signal });
      for await (const message of readMessages(body, () => undefined)) {
        const event = eventMessageSchema.safeParse(message);
        if (!event.success) throw unfit(z.prettifyError(event.error));
        yield event.data;
      }
    } catch (error) {
      const failure = asFailure(error, signal);
      throw failure instanceof Broken ? unreachable(failure) : failure;
    }
    throw cutOff();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  async #join<I, O>(
    operation: Operation<I, O>,
    id: string,
    input: I,
    progress: Progress,
    hear: () => void,
    signal: AbortSignal,
  ): Promise<O> {
    const { body } = await this.#post(operation, id, input, signal, this.#limits.silence);
    try {
      // That it begins to answer says nothing of how it goes on.
      let isFirst = true;
      const heard = () => {
        if (!isFirst) hear();
        isFirst = false;
      };
      for await (const value of readMessages(body, heard)) {
        const message = runMessageSchema.safeParse(value);
        if (!message.success) throw unfit(z.prettifyError(message.error));
        if (message.data.kind === 'progress') {
          progress(message.data.step);
          continue;
        }
        assertAnswers(message.data, { id, operation: operation.name });
        if (message.data.kind === 'failed') throw failureOf(message.data.problem);
        return understood(operation.output, message.data.result);
      }
    } catch (error) {
      throw asFailure(error, signal);
    } finally {
      body.destroy();
    }
    // It ended without a word of how: the service was killed.
    throw new Broken('the answer has no end');
  }

  /** Asks again, with growing pauses, while the connection breaks and the time of `giveUp` (ms since the epoch) is not over. */
  async #untilUnbroken<T>(signal: AbortSignal, giveUp: () => number, ask: () => Promise<T>): Promise<T> {
    let until = giveUp();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        signal.throwIfAborted();
        // Heard again meanwhile: this is another break, and not one that lasts.
        if (giveUp() > until) wait = FIRST_WAIT;
        until = giveUp();
        if (Date.now() + wait > until) throw unreachable(error);
      }
      await delay(wait, undefined, { signal });
    }
  }

  async #post<I, O>(
    { name, input: schema }: Operation<I, O>,
    id: string,
    input: I,
    signal: AbortSignal,
    headersTimeout: number,
  ): Promise<Dispatcher.ResponseData> {
    return this.#request({
      method: 'POST',
      path: `/v1/operations/${name}`,
      headers: { 'idempotency-key': id, 'content-type': 'application/json' },
      body: JSON.stringify(encoded(name, schema, input)),
      headersTimeout,
      signal,
    });
  }

  async #request(request: Dispatcher.RequestOptions & { headers?: Record<string, string> }) {
    const signal = request.signal instanceof AbortSignal ? request.signal : undefined;
    try {
      const authorization = await this.#options.authorization();
      const response = await this.#pool.request({
        ...request,
        headers: { ...request.headers, authorization },
      });
      if (response.statusCode < 300) return response;
      throw refusalOf(response.statusCode, await response.body.text());
    } catch (error) {
      throw asFailure(error, signal);
    }
  }

  /** Best effort: an operation that nobody listens to ends by itself. */
  async #callOff(id: string): Promise<void> {
    const signal = AbortSignal.timeout(CONNECT_LIMIT);
    const request = { method: 'DELETE', path: `/v1/runs/${id}`, signal } as const;
    await this.#request(request).then(
      ({ body }) => body.dump(),
      () => undefined,
    );
  }
}

interface Answered {
  readonly id: string;
  readonly operation: string;
}

function assertAnswers(answer: Answered, asked: Answered): void {
  if (answer.id === asked.id && answer.operation === asked.operation) return;
  throw unfit(`an answer to ${answer.operation}, where ${asked.operation} was asked`);
}

function understood<O>(schema: z.ZodType<O>, value: unknown): O {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unfit(z.prettifyError(parsed.error));
}

function failureOf(problem: Problem): Error {
  return problem.code === 'INTERRUPTED' ? new Interrupted(problem.message) : errorOf(problem);
}

function refusalOf(status: number, text: string): FactoryError {
  const problem = problemSchema.safeParse(parseJson(text));
  return problem.success ? errorOf(problem.data) : unfit(`status ${status}: ${text.slice(0, 1_000)}`);
}

/** What Node and its HTTP client say of a connection that is not there, or not any more. */
const BROKEN: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function asFailure(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof FactoryError || error instanceof Broken || signal?.aborted) return error;
  if (!(error instanceof Error)) return unfit('it threw no error');
  const code = 'code' in error ? String(error.code) : '';
  if (BROKEN.has(code)) return new Broken(code, { cause: error });
  if (error instanceof errors.UndiciError || error instanceof SyntaxError || error instanceof RangeError) {
    return unfit(error.message, error);
  }
  return unreachable(error);
}

/** Throws `REQUEST_INVALID` for what the service would refuse: it need not be sent. */
function encoded<I>(name: string, schema: z.ZodType<I>, input: I): unknown {
  const body = z.safeEncode(schema, input);
  if (body.success) return body.data;
  throw new FactoryError('REQUEST_INVALID', `That is no ${name}: ${z.prettifyError(body.error)}`);
}
