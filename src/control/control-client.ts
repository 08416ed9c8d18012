import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import { readEventMessages } from '../history/event-messages.ts';
import type { RecordedEvent } from '../history/event-schema.ts';
import { type HookList, hookListSchema } from '../hooks/office/hook-status.ts';
import { errorOfProblem } from '../http/problem.ts';
import type { UserAccounts } from '../identity/describe-user.ts';
import type { Username } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { type Jwks, jwksSchema } from '../tokens/jwks.ts';
import { type WhoReport, whoSchema } from '../who/who-schema.ts';
import type { DrainRequestBody } from './drain-request.ts';
import { type EventsRequest, eventsPath } from './events-request.ts';
import {
  type Collection,
  collectionSchema,
  type Garbage,
  type GarbageCollector,
  type GarbageItem,
  garbageSchema,
} from './garbage-schema.ts';
import { retriedSchema } from './hooks-route.ts';
import { OPERATOR_HEADER } from './operator-audit.ts';
import {
  type DrainStatus,
  drainStatusSchema,
  type FactoryStatus,
  factoryStatusSchema,
} from './status-schema.ts';
import {
  type CreatedToken,
  createdTokenSchema,
  type RevocationRequestBody,
  type RotationStatus,
  rotationSchema,
  type TokenRequestBody,
} from './token-request.ts';
import { userSchema, usersSchema } from './users-schema.ts';
import type { OrderBody } from './workspace-request.ts';

/** A running factory, as the operator of its machine talks to it. Calls reject with `NOT_RUNNING`, `CONTROL_FAILED`. */
export interface ControlClient extends AsyncDisposable {
  status(signal: AbortSignal): Promise<FactoryStatus>;
  drain(request: DrainRequestBody, signal: AbortSignal): Promise<DrainStatus>;
  cancelDrain(signal: AbortSignal): Promise<void>;
  /** Rejects with `NOT_RUNNING` also where the factory ends before it has told all. */
  events(request: EventsRequest, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  /**
   * Gives an order to a workspace; resolves when what it asks for is so, however long that takes. When `signal` aborts the
   * order stays in force. Rejects as `Workspaces.command` does, too.
   */
  order(key: WorkspaceKey, order: OrderBody, signal: AbortSignal): Promise<void>;
  readonly garbage: GarbageCollector;
  readonly tokens: TokenClient;
  readonly hooks: HooksClient;
  readonly users: UserAccounts;
  who(user: Username, signal: AbortSignal): Promise<WhoReport>;
}

/** Tokens for the HTTP API, from the factory that has the keys. `create` and `rotate` reject with `REQUEST_INVALID`, too. */
export interface TokenClient {
  create(request: TokenRequestBody, signal: AbortSignal): Promise<CreatedToken>;
  rotate(signal: AbortSignal): Promise<RotationStatus>;
  revoke(request: RevocationRequestBody, signal: AbortSignal): Promise<void>;
  jwks(signal: AbortSignal): Promise<Jwks>;
}

/** As `HookOffice`, in a running factory. */
export interface HooksClient {
  list(most: number, signal: AbortSignal): Promise<HookList>;
  retry(id: string | undefined, signal: AbortSignal): Promise<number>;
  drop(id: string, signal: AbortSignal): Promise<void>;
}

/** ms */
const ANSWER_LIMIT = 40_000;

/** What Node and its HTTP client call a connection that the other side ended. */
const CUT_OFF: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

type Call = (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  signal: AbortSignal,
  body?: object,
  /** ms; 0: none. */
  limit?: number,
) => Promise<unknown>;

/** `path`: of the control socket; `operator`: whose shell this is, for the audit log. Connects with the first call; a call that waits holds up no other. */
export function createControlClient(path: string, operator = ''): ControlClient {
  // Names that a header does not hold are those of nobody's login.
  const named = /^[\x21-\x7e]{1,64}$/.test(operator) ? { [OPERATOR_HEADER]: operator } : {};
  const client = new Pool('http://factory', {
    socketPath: path,
    headersTimeout: ANSWER_LIMIT,
    bodyTimeout: ANSWER_LIMIT,
  });
  const call: Call = async (method, url, signal, body, limit = ANSWER_LIMIT) => {
    try {
      const { statusCode, body: answer } = await client.request({
        method,
        path: url,
        signal,
        headersTimeout: limit,
        headers: body ? { ...named, 'content-type': 'application/json' } : named,
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (statusCode < 300) return text === '' ? undefined : JSON.parse(text);
      throw refused(statusCode, text);
    } catch (error) {
      throw asControlError(error, signal);
    }
  };
  return {
    status: async (signal) => understood(factoryStatusSchema, await call('GET', '/status', signal)),
    drain: async (request, signal) =>
      understood(drainStatusSchema, await call('POST', '/drain', signal, request)),
    cancelDrain: async (signal) => void (await call('DELETE', '/drain', signal)),
    events: (request, signal) => tellEvents(client, request, signal),
    order: async ({ user, lab }, { kind, ...body }, signal) =>
      void (await call('POST', `/workspaces/${user}/${lab}/${kind}`, signal, body, 0)),
    garbage: {
      list: async (signal): Promise<Garbage> =>
        understood(garbageSchema, await call('GET', '/garbage', signal)),
      collect: async (items: readonly GarbageItem[], signal): Promise<Collection> =>
        understood(collectionSchema, await call('DELETE', '/garbage', signal, { items }, 0)),
    },
    tokens: {
      create: async (request, signal) =>
        understood(createdTokenSchema, await call('POST', '/tokens', signal, request)),
      rotate: async (signal) => understood(rotationSchema, await call('POST', '/tokens/rotation', signal)),
      revoke: async (request, signal) => void (await call('POST', '/tokens/revocations', signal, request)),
      jwks: async (signal) => understood(jwksSchema, await call('GET', '/tokens/jwks', signal)),
    },
    users: {
      list: async (signal) => understood(usersSchema, await call('GET', '/users', signal)).users,
      accept: async (user, signal) =>
        understood(userSchema, await call('POST', `/users/${user}/acceptance`, signal)),
    },
    who: async (user, signal) => understood(whoSchema, await call('GET', `/who/${user}`, signal)),
    hooks: {
      list: async (most, signal) =>
        understood(hookListSchema, await call('GET', `/hooks?limit=${most}`, signal)),
      retry: async (id, signal) =>
        understood(retriedSchema, await call('POST', '/hooks/retries', signal, { id })).retried,
      drop: async (id, signal) => void (await call('DELETE', `/hooks/${encodeURIComponent(id)}`, signal)),
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function* tellEvents(
  client: Dispatcher,
  request: EventsRequest,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent> {
  let isTelling = false;
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: eventsPath(request), signal });
    if (statusCode !== 200) throw refused(statusCode, await body.text());
    isTelling = true;
    yield* readEventMessages(body.setEncoding('utf8'));
  } catch (error) {
    if (error instanceof z.ZodError) throw otherVersion(error);
    if (isTelling && !signal.aborted && CUT_OFF.has(codeOf(error) ?? '')) {
      throw new FactoryError('NOT_RUNNING', 'The factory has ended, or was ended.', { cause: error });
    }
    throw asControlError(error, signal);
  }
}

/** After an upgrade the program and the factory that still runs can be of different versions. */
function understood<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw otherVersion(parsed.error);
}

function otherVersion(error: z.ZodError): FactoryError {
  return new FactoryError(
    'CONTROL_FAILED',
    'The running factory answers in other words, so it is of another version; restart it.',
    { detail: z.prettifyError(error) },
  );
}

function refused(status: number, text: string): FactoryError {
  const told = errorOfProblem(text);
  if (told !== undefined) return told;
  return new FactoryError('CONTROL_FAILED', 'The running factory could not do that; see its log.', {
    detail: `status ${status}: ${text.slice(0, 1_000)}`,
  });
}

function asControlError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof FactoryError || signal.aborted) return error;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new FactoryError(
      'NOT_RUNNING',
      'No factory runs on this data folder; start it (npm start, or its service), or give the --config of the one that runs.',
    );
  }
  return new FactoryError(
    'CONTROL_FAILED',
    'The running factory does not answer as it should; see its log.',
    {
      cause: error,
    },
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
