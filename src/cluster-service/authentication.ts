import type { IncomingMessage } from 'node:http';
import { FactoryError } from '../errors/factory-error.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { originOf } from '../http/origin.ts';
import type { Refusal } from '../http/refusal.ts';
import type { WrongTokens } from '../http/wrong-tokens.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import type { TokenIssuer, TokenVerifier } from '../tokens/tokens.ts';

/** How long a token of ours is good for, and how long before its end it is replaced; ms. */
const LIFETIME = 300_000;
const RENEWED_BEFORE = 60_000;

/** How a request is turned away that no gateway of this factory has sent; undefined: one has. */
export type GatewayCheck = (request: IncomingMessage) => Promise<Refusal | undefined>;

export function createGatewayCheck(verifier: TokenVerifier, wrongTokens: WrongTokens): GatewayCheck {
  return async (request) => {
    try {
      await assertGateway(verifier, request);
      return undefined;
    } catch (thrown) {
      return await wrongTokens.refusal(thrown, originOf(request.socket));
    }
  };
}

/** Rejects with `TOKEN_REFUSED` and `ACCESS_DENIED`. */
async function assertGateway(verifier: TokenVerifier, request: IncomingMessage): Promise<void> {
  const { principal } = await verifier.verify(bearerToken(request), AUDIENCE.clusterService);
  if (principal.role !== 'gateway') {
    throw new FactoryError('ACCESS_DENIED', 'Only the gateway may ask the cluster service.');
  }
}

/** Gives a token that is good for a while yet, as a value of the header `Authorization`. */
export function gatewayAuthorization(issuer: TokenIssuer, name: string): () => Promise<string> {
  let held: { readonly token: string; readonly expiresAt: number } | undefined;
  return async () => {
    if (held === undefined || held.expiresAt - RENEWED_BEFORE < Date.now()) {
      held = await issuer.issue({ role: 'gateway', name }, AUDIENCE.clusterService, LIFETIME);
    }
    return `Bearer ${held.token}`;
  };
}
