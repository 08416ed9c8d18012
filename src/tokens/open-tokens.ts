import type { Logger } from '../logging/logger.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { Clock } from '../time/clock.ts';
import type { Jwks } from './jwks.ts';
import type { Revocation } from './revocation.ts';
import { Revocations } from './revocations.ts';
import { type Rotation, SigningKeys } from './signing-keys.ts';
import { createTokenIssuer } from './token-issuer.ts';
import { createTokenVerifier } from './token-verifier.ts';
import type { TokenIssuer, TokenVerifier } from './tokens.ts';

export interface TokensOptions {
  /** The data folder, locked. */
  readonly data: string;
  readonly instance: InstanceId;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All that a factory does with tokens: it makes them, checks them, takes them back, and changes the keys that sign them. */
export interface Tokens extends AsyncDisposable {
  readonly issuer: TokenIssuer;
  readonly verifier: TokenVerifier;
  /** For the cluster service, which checks with `CLUSTER_SERVICE_ISSUER`. */
  readonly clusterServiceIssuer: TokenIssuer;
  /** As `Revocations.revoke`. */
  revoke(revocation: Revocation): Promise<void>;
  /** As `SigningKeys.rotate`. */
  rotate(): Promise<Rotation>;
  jwks(): Jwks;
  /** Waits for what is being written. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Reads keys and revocations of the data folder; the first key is made. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function openTokens({ data, instance, clock, logger }: TokensOptions): Promise<Tokens> {
  const revocations = await Revocations.open({ data, clock });
  const keys = await SigningKeys.open({ data, clock, logger });
  const issuer = issuerOf(instance);
  return {
    issuer: createTokenIssuer({ issuer, keys, clock }),
    clusterServiceIssuer: createTokenIssuer({ issuer: CLUSTER_SERVICE_ISSUER, keys, clock }),
    verifier: createTokenVerifier({ issuer, keys, revoked: revocations, clock }),
    revoke: (revocation) => revocations.revoke(revocation),
    rotate: () => keys.rotate(),
    jwks: () => keys.jwks(),
    async [Symbol.asyncDispose]() {
      await keys[Symbol.asyncDispose]();
      await revocations[Symbol.asyncDispose]();
    },
  };
}

/**
 * `iss` of the tokens for the cluster service. The instance is not in it: the gateway learns it from the service, which knows the
 * gateway by its keys alone.
 */
export const CLUSTER_SERVICE_ISSUER = 'urn:ssh-lab-factory:gateway';

/** `iss` of the tokens of a factory: a URN, as a factory may have no address that holds everywhere. */
export function issuerOf(instance: InstanceId): string {
  return `urn:ssh-lab-factory:${instance}`;
}
