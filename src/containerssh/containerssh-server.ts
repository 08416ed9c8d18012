import type { ListenAddress } from '../config/factory-config.ts';
import { formatListen } from '../config/listen-address.ts';
import type { ContainerSshConfig } from '../config/sections/containerssh.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { listenFailure } from '../errors/listen-failure.ts';
import type { Logger } from '../logging/logger.ts';
import { ATTEMPT_LIMITS, type AttemptLimitValues } from './webhooks/attempt-limits.ts';
import { createCallerCheck, readSecret } from './webhooks/caller-check.ts';
import type { FrontDeskOptions } from './webhooks/front-desk.ts';
import { type ConnectionLimits, prepareHttpServer } from './webhooks/http-server.ts';
import { createWebhookApp } from './webhooks/webhook-app.ts';

export interface ContainerSshServerOptions extends FrontDeskOptions {
  readonly config: ContainerSshConfig;
  readonly logger: Logger;
  readonly limits?: Partial<ContainerSshLimits>;
}

export interface ContainerSshServer {
  /** With the port that it really has. */
  readonly address: ListenAddress;
  /** Calls under way are answered `503` or cut, connections ended. Idempotent. */
  close(): Promise<void>;
}

export interface ContainerSshLimits extends ConnectionLimits {
  /** ContainerSSH gives a call 2 s; what is not decided by then goes on, and its next call joins it. ms. */
  readonly answer: number;
  readonly attempts: AttemptLimitValues;
}

const LIMITS: ContainerSshLimits = { answer: 1_500, idle: 5_000, request: 5_000, attempts: ATTEMPT_LIMITS };

/**
 * The webhooks for a ContainerSSH in front. Rejects with `CONFIG_INVALID` (secret, certificates) and as `listenFailure` says. Never open: without
 * a client certificate of the right authority nothing is read, without the secret no body is.
 */
export async function startContainerSshServer(
  options: ContainerSshServerOptions,
): Promise<ContainerSshServer> {
  const { config, logger } = options;
  const limits = { ...LIMITS, ...options.limits };
  if (config.secret === undefined && config.tls?.clientCa === undefined) {
    throw new FactoryError('CONFIG_INVALID', 'containerssh needs secret or tls.client_ca.');
  }
  const secret = config.secret && (await readSecret(config.secret));
  const closing = new AbortController();
  const app = await createWebhookApp({
    ...options,
    createServer: await prepareHttpServer(config.tls, limits),
    check: secret === undefined ? undefined : createCallerCheck(secret),
    attempts: limits.attempts,
    patience: () => AbortSignal.any([closing.signal, AbortSignal.timeout(limits.answer)]),
  });
  try {
    // A copy: Fastify writes into what it is given, and this is the configuration.
    await app.listen({ ...config.listen });
  } catch (cause) {
    await app.close();
    const message = `The webhooks for ContainerSSH can't listen on ${formatListen(config.listen)}; mend containerssh.listen, or end what listens there.`;
    throw listenFailure(message, cause);
  }
  const bound = app.server.address();
  const port = bound === null || typeof bound === 'string' ? config.listen.port : bound.port;
  const address = { host: config.listen.host, port };
  logger.info({ listen: formatListen(address) }, 'the webhooks for ContainerSSH are there');
  return {
    address,
    close: async () => {
      closing.abort(new FactoryError('SHUTTING_DOWN', 'The factory stops.'));
      await app.close();
    },
  };
}
