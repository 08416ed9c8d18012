import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import { createApi } from '../api/create-api.ts';
import { answerUnroutable } from '../api/problem-answer.ts';
import type { Admit } from '../groups/admission.ts';
import type { Groups } from '../groups/groups.ts';
import { systemClock } from '../time/clock.ts';
import type { Closers } from './closers.ts';
import { createClusterApiTarget } from './cluster-api-target.ts';
import type { Site } from './open-site.ts';
import type { StartRequest } from './start-request.ts';
import type { House } from './start-workspaces.ts';

export interface ApiSite extends Pick<Site, 'history' | 'tokens'> {
  readonly groups: Groups;
  readonly admit: Admit;
}

/** The HTTP API, for every server that has it. */
export function openApi(
  { logger }: Pick<StartRequest, 'logger'>,
  { history, tokens, groups, admit }: ApiSite,
  { workspaces, ports, urls }: House,
): FastifyPluginAsync {
  return createApi({
    target: createClusterApiTarget({ workspaces, ports, history, urls, admit }),
    verifier: tokens.verifier,
    jwks: () => tokens.jwks(),
    groups,
    logger,
    clock: systemClock,
  });
}

/** The API without a socket: for the web server, which listens before there is anything to answer, and for calls within this process. */
export async function readyApi(api: FastifyPluginAsync, closers: Closers): Promise<FastifyInstance> {
  const app = fastify({ logger: false, frameworkErrors: answerUnroutable });
  await app.register(api);
  await app.ready();
  closers.add('HTTP API', () => app.close());
  return app;
}
