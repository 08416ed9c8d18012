import type { FastifyInstance } from 'fastify';
import { AUDIENCE } from '../tokens/principal.ts';
import type { TokenIssuer } from '../tokens/tokens.ts';
import type { WorkspaceOf } from './workspace-of.ts';

/** ms; who needs longer asks again. */
const LIFETIME = 5 * 60_000;

/** `GET /token`: `{ "token": "…", "expires_at": "2026-…Z" }`, for programs in the lab that speak with the API. */
export function addTokenRoute(
  app: FastifyInstance,
  { issuer, workspaceOf }: { readonly issuer: TokenIssuer; readonly workspaceOf: WorkspaceOf },
): void {
  app.get('/token', async (request, reply) => {
    const principal = { role: 'student', key: workspaceOf(request.raw) } as const;
    const { token, expiresAt } = await issuer.issue(principal, AUDIENCE.api, LIFETIME);
    return reply
      .header('cache-control', 'no-store')
      .send({ token, expires_at: new Date(expiresAt).toISOString() });
  });
}
