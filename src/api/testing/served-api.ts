import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FastifyInstance, fastify } from 'fastify';
import { fixedGroups } from '../../groups/groups.ts';
import { createLogger } from '../../logging/logger.ts';
import { parseInstanceId } from '../../names/instance-id.ts';
import { systemClock } from '../../time/clock.ts';
import { issuerOf } from '../../tokens/open-tokens.ts';
import { Revocations } from '../../tokens/revocations.ts';
import { SigningKeys } from '../../tokens/signing-keys.ts';
import { createTokenIssuer } from '../../tokens/token-issuer.ts';
import { createTokenVerifier } from '../../tokens/token-verifier.ts';
import type { TokenIssuer } from '../../tokens/tokens.ts';
import { type ApiOptions, createApi } from '../create-api.ts';
import { answerUnroutable } from '../problem-answer.ts';
import { BUSY, GROUPS, QUIET } from './access-matrix.ts';
import type { Mint } from './caller-tokens.ts';
import { FakeClusters } from './fake-clusters.ts';

/** The API over made-up clusters, on a port of this machine, with real keys and tokens. */
export interface ServedApi extends AsyncDisposable {
  readonly clusters: FakeClusters;
  readonly mint: Mint;
  /** What the API is made of, for another server that has it. */
  readonly options: ApiOptions;
  readonly issuer: TokenIssuer;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** What it logged, a line each. */
  readonly log: readonly string[];
  /** The endpoint of every route that the server has; undefined: one without. */
  readonly routes: readonly { readonly name: string; readonly endpoint: string | undefined }[];
}

const INSTANCE = parseInstanceId('abcd1234');
const HOST = '127.0.0.1';

/** `mostCalls`: of one caller within a minute. */
export async function serveApi({ mostCalls = Number.MAX_SAFE_INTEGER } = {}): Promise<ServedApi> {
  if (INSTANCE === undefined) throw new Error('an instance');
  const data = await mkdtemp(join(tmpdir(), 'api-'));
  const log: string[] = [];
  const logger = createLogger('info', [{ write: (line: string) => void log.push(line) }]);
  const keys = await SigningKeys.open({ data, clock: systemClock, logger });
  const revocations = await Revocations.open({ data, clock: systemClock });
  const issuer = issuerOf(INSTANCE);
  const clusters = new FakeClusters();
  for (const key of BUSY) clusters.add(key, { sessions: 1 });
  clusters.add(QUIET);

  const app = fastify({ logger: false, forceCloseConnections: true, frameworkErrors: answerUnroutable });
  const routes: { name: string; endpoint: string | undefined }[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    routes.push({ name: `${method} ${url}`, endpoint: config?.endpoint });
  });
  const options: ApiOptions = {
    target: clusters,
    verifier: createTokenVerifier({ issuer, keys, revoked: revocations, clock: systemClock }),
    jwks: () => keys.jwks(),
    groups: fixedGroups(GROUPS),
    logger,
    clock: systemClock,
    mostCalls,
  };
  await app.register(createApi(options));
  const url = await app.listen({ host: HOST, port: 0 });
  return {
    clusters,
    options,
    issuer: createTokenIssuer({ issuer, keys, clock: systemClock }),
    mint: { issuer, keys, revoke: (revocation) => revocations.revoke(revocation) },
    app,
    url,
    address: { host: HOST, port: Number(new URL(url).port) },
    log,
    routes,
    async [Symbol.asyncDispose]() {
      await app.close();
      await keys[Symbol.asyncDispose]();
      await revocations[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}
