import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '../backend/backend.ts';
import { gatewayAuthorization } from '../cluster-service/authentication.ts';
import { openRemoteBackend } from '../cluster-service/remote-backend.ts';
import type { FactoryConfig } from '../config/factory-config.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { HostOf } from '../labs/host-of.ts';
import type { Jwks } from '../tokens/jwks.ts';
import type { Tokens } from '../tokens/open-tokens.ts';
import { jwksFile } from '../tokens/token-files.ts';
import type { Closers } from './closers.ts';
import { openEngineHost } from './engine-host.ts';
import { localBackend } from './local-backend.ts';
import type { StartRequest } from './start-request.ts';

export interface BackendSite {
  /** The data folder of this process. */
  readonly data: string;
  readonly innerAuthorizedKey: string;
  readonly tokens: Tokens;
  readonly hostOf: HostOf;
}

/** The engine of this process, or where it has not that role, of the one that has. Rejects as opening either does. */
export async function openBackend(
  request: StartRequest,
  { data, innerAuthorizedKey, tokens, hostOf }: BackendSite,
  closers: Closers,
): Promise<Backend> {
  const { config, logger, stop, roles } = request;
  if (roles.has('clusters')) {
    return localBackend(await openEngineHost({ ...request, data, hostOf }), innerAuthorizedKey);
  }
  const authorize = gatewayAuthorization(tokens.clusterServiceIssuer, 'gateway');
  const publish = trustPublisher(config, tokens);
  const authorization = async () => {
    await publish();
    return authorize();
  };
  const address = config.clusters.service.url;
  const backend = await openRemoteBackend({ address, authorization, innerAuthorizedKey, logger }, stop);
  closers.add('cluster service', async () => backend[Symbol.asyncDispose]());
  return backend;
}

/**
 * Keeps the file by which the service knows us, where it is not the one of our data folder: another user's service cannot look in
 * there. A new key is published long before it signs, so looking with each token is often enough.
 */
function trustPublisher({ data, clusters }: FactoryConfig, tokens: Tokens): () => Promise<void> {
  const file = clusters.service.trust;
  if (file === jwksFile(data)) return async () => {};
  let published: Jwks | undefined;
  return async () => {
    const jwks = tokens.jwks();
    if (isDeepStrictEqual(jwks, published)) return;
    try {
      await writeDurably(file, `${JSON.stringify(jwks)}\n`, 0o644);
    } catch (cause) {
      throw new FactoryError(
        'CONFIG_INVALID',
        'The gateway cannot write its public keys for the cluster service; mend clusters.service.trust, or the rights of that folder.',
        { cause },
      );
    }
    published = jwks;
  };
}
