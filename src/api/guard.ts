import type { FastifyReply, FastifyRequest } from 'fastify';
import { FactoryError } from '../errors/factory-error.ts';
import type { WrongTokens } from '../http/wrong-tokens.ts';
import { audit } from '../logging/audit.ts';
import type { Logger } from '../logging/logger.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { TokenVerifier, VerifiedToken } from '../tokens/tokens.ts';
import { type Decision, decide, mayList } from './access.ts';
import { type ApiContext, setCaller } from './api-context.ts';
import { authenticate } from './authentication.ts';
import { type Endpoint, isPublic, type PublicEndpoint } from './endpoints.ts';
import { whoIs } from './open-calls.ts';
import { assertOwnSite } from './same-site.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route of the HTTP API: what it is in the table of access. */
    endpoint?: Endpoint | PublicEndpoint;
  }
}

/** RFC 9110 §9.2.1. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

interface AskedOrder {
  readonly principal: Principal;
  readonly endpoint: Endpoint;
  readonly key: WorkspaceKey;
  readonly decision: Decision;
}

/**
 * What every request of the API has to pass before anything else of it is looked at: who it is of, from where, and whether they may.
 * Rejects with `TOKEN_REFUSED`, `ACCESS_DENIED`, `WORKSPACE_UNKNOWN`, `TOO_MANY_REQUESTS`. A route that names no endpoint is closed.
 */
export function createGuard(context: ApiContext, verifier: TokenVerifier, wrongTokens: WrongTokens) {
  const callerOf = async ({ raw }: FastifyRequest, reply: FastifyReply): Promise<VerifiedToken> => {
    try {
      return await authenticate(raw, verifier);
    } catch (thrown) {
      const { error, headers } = await wrongTokens.refusal(thrown, raw.socket.remoteAddress);
      reply.headers(headers);
      throw error;
    }
  };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.is404) return;
    const { endpoint } = request.routeOptions.config;
    if (endpoint !== undefined && isPublic(endpoint)) return;
    const { principal, expiresAt } = await callerOf(request, reply);
    assertOwnSite(request.raw);
    if (endpoint === undefined) throw denied();
    const key = endpoint === 'list' ? undefined : keyIn(request.params);
    const decision = () => decisionOn(principal, endpoint, key, context);
    if (key !== undefined && !READING.has(request.method)) {
      auditOrder(request, { principal, endpoint, key, decision: decision() }, context.logger);
    }
    assertAllowed(decision());
    const call = context.calls.begin(principal);
    reply.raw.once('close', () => call[Symbol.dispose]());
    setCaller(request, { principal, expiresAt, key, mayGoOn: () => decision() === 'allowed' });
  };
}

/** Who ordered what, or tried to, whatever comes of it. */
function auditOrder(
  { raw: { socket } }: FastifyRequest,
  { principal, endpoint, key, decision }: AskedOrder,
  logger: Logger,
): void {
  const from = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
  const result = decision === 'allowed' ? 'accepted' : 'refused';
  const entry = { who: whoIs(principal), from, door: 'api', what: 'order', result, lab: key.lab } as const;
  audit(logger, entry, 'an order over the API', { user: key.user, order: endpoint });
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
