import type { FastifyReply, FastifyRequest } from 'fastify';
import { asFactoryError, FactoryError } from '../errors/factory-error.ts';
import { originOf } from '../http/origin.ts';
import type { WrongTokens } from '../http/wrong-tokens.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { TokenVerifier, VerifiedToken } from '../tokens/tokens.ts';
import { type Decision, decide, mayList } from './access.ts';
import { type ApiContext, setCaller } from './api-context.ts';
import type { ApiAudit } from './audit-calls.ts';
import { authenticate } from './authentication.ts';
import type { CallRates } from './call-rates.ts';
import { type Endpoint, isPublic, type PublicEndpoint } from './endpoints.ts';
import { assertOwnSite } from './same-site.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route of the HTTP API: what it is in the table of access. */
    endpoint?: Endpoint | PublicEndpoint;
  }
}

export interface GuardOptions {
  readonly context: ApiContext;
  readonly verifier: TokenVerifier;
  readonly wrongTokens: WrongTokens;
  readonly rates: CallRates;
  readonly log: ApiAudit;
}

/**
 * What every request of the API has to pass before anything else of it is looked at: who it is of, from where, and whether they may.
 * Rejects with `TOKEN_REFUSED`, `ACCESS_DENIED`, `WORKSPACE_UNKNOWN`, `TOO_MANY_REQUESTS`. A route that names no endpoint is closed.
 */
export function createGuard({ context, verifier, wrongTokens, rates, log }: GuardOptions) {
  const callerOf = async ({ raw }: FastifyRequest, reply: FastifyReply): Promise<VerifiedToken> => {
    try {
      return await authenticate(raw, verifier);
    } catch (thrown) {
      const { error, headers } = await wrongTokens.refusal(thrown, originOf(raw.socket));
      reply.headers(headers);
      throw error;
    }
  };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.is404) return;
    const { endpoint } = request.routeOptions.config;
    if (endpoint !== undefined && isPublic(endpoint)) return;
    const { principal, expiresAt } = await callerOf(request, reply);
    if (endpoint === undefined) throw denied();
    const key = endpoint === 'list' ? undefined : keyIn(request.params);
    const entry = log.of(request, { principal, endpoint, key });
    const tooMany = await rates.take(principal);
    if (tooMany !== undefined) {
      if (tooMany.isFirst) entry.refused(tooMany.error);
      reply.headers(tooMany.headers);
      throw tooMany.error;
    }
    const decision = () => decisionOn(principal, endpoint, key, context);
    try {
      assertOwnSite(request.raw);
      assertAllowed(decision());
      const call = context.calls.begin(principal);
      reply.raw.once('close', () => call[Symbol.dispose]());
    } catch (thrown) {
      entry.refused(asFactoryError(thrown));
      throw thrown;
    }
    entry.allowed();
    const mayGoOn = () => decision() === 'allowed';
    setCaller(request, { principal, expiresAt, key, mayGoOn, cameToNothing: entry.cameToNothing });
  };
}

function decisionOn(
  principal: Principal,
  endpoint: Endpoint,
  key: WorkspaceKey | undefined,
  { target, groups }: ApiContext,
): Decision {
  const sessionsOf = (each: WorkspaceKey) => target.snapshot(each)?.leases.length ?? 0;
  if (key === undefined) return mayList(principal, sessionsOf) ? 'allowed' : 'denied';
  return decide(principal, endpoint, { key, sessions: sessionsOf(key) }, groups);
}

function assertAllowed(decision: Decision): void {
  if (decision === 'hidden') throw unknownWorkspace();
  if (decision === 'denied') throw denied();
}

/** Text that is no name is the name of nothing. */
function keyIn(parameters: unknown): WorkspaceKey {
  const { user, lab }: { user?: unknown; lab?: unknown } = Object(parameters);
  const key = parseWorkspaceKey(String(user), String(lab));
  if (key === undefined) throw unknownWorkspace();
  return key;
}

/** The same words whether it is not there or not the caller's to know of. */
export function unknownWorkspace(): FactoryError {
  return new FactoryError('WORKSPACE_UNKNOWN', 'There is no such workspace, or it is not yours to see.');
}

function denied(): FactoryError {
  return new FactoryError(
    'ACCESS_DENIED',
    'Your token does not allow this. That of a student is of use while a session is open in its workspace.',
  );
}
