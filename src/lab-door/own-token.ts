import type { FastifyInstance } from 'fastify';
import { authenticate } from '../api/authentication.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Principal } from '../tokens/principal.ts';
import type { TokenVerifier } from '../tokens/tokens.ts';
import type { WorkspaceOf } from './workspace-of.ts';

/**
 * At the door of a lab only the tokens of its own workspace are of use, whatever other tokens may do elsewhere. A token that is
 * no good is left to the API, which says so.
 */
export function refuseOtherTokens(
  scope: FastifyInstance,
  { verifier, workspaceOf }: { readonly verifier: TokenVerifier; readonly workspaceOf: WorkspaceOf },
): void {
  scope.addHook('onRequest', async ({ raw }) => {
    const verified = await authenticate(raw, verifier).catch(() => undefined);
    if (verified === undefined || isStudentOf(workspaceOf(raw), verified.principal)) return;
    throw new FactoryError('ACCESS_DENIED', 'This token is not for the lab that you are in.');
  });
}

function isStudentOf(key: WorkspaceKey, principal: Principal): boolean {
  return principal.role === 'student' && formatWorkspaceKey(principal.key) === formatWorkspaceKey(key);
}
