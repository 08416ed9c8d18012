import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FactoryError } from '../errors/factory-error.ts';
import type { Groups } from '../groups/groups.ts';
import type { Logger } from '../logging/logger.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { Principal } from '../tokens/principal.ts';
import type { ClusterApiTarget } from './cluster-api-target.ts';
import type { OpenCalls } from './open-calls.ts';

/** What the routes are made with. */
export interface ApiContext {
  readonly target: ClusterApiTarget;
  /** Whom instructors reach. */
  readonly groups: Groups;
  readonly calls: OpenCalls;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A server, or a part of one, whose routes are described by zod schemas. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who sent a request that is allowed. */
export interface Caller {
  readonly principal: Principal;
  /** When the token is over, ms since the epoch. */
  readonly expiresAt: number;
  /** The workspace that is asked for; undefined in a list. */
  readonly key: WorkspaceKey | undefined;
  /** Whether the same would still be allowed now. */
  mayGoOn(): boolean;
  /** For the audit log, which has that it was allowed. */
  readonly cameToNothing: (error: FactoryError) => void;
}

const CALLER = 'caller';

/** Requests of this server have a caller from then on. */
export function decorateRequests(app: ApiApp): void {
  app.decorateRequest(CALLER, null);
}

export function setCaller(request: FastifyRequest, caller: Caller): void {
  request.setDecorator<Caller | null>(CALLER, caller);
}

/** Undefined: the guard has not let it through. */
export function knownCallerOf(request: Pick<FastifyRequest, 'getDecorator'>): Caller | undefined {
  return request.getDecorator<Caller | null>(CALLER) ?? undefined;
}

/** Of a request that the guard let through. */
export function callerOf(request: Pick<FastifyRequest, 'getDecorator'>): Caller {
  const caller = knownCallerOf(request);
  if (caller === undefined) throw new Error('a route without a guard');
  return caller;
}

/** The workspace in the request's path. */
export function keyOf(request: Pick<FastifyRequest, 'getDecorator'>): WorkspaceKey {
  const { key } = callerOf(request);
  if (key === undefined) throw new Error('a path without a workspace');
  return key;
}

/** The public keys of the tokens, as a JSON Web Key Set (RFC 7517 §5). */
export type PublicKeys = () =>
  | Promise<{ readonly keys: readonly object[] }>
  | { readonly keys: readonly object[] };
