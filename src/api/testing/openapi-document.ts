import { fastify } from 'fastify';
import { fixedGroups } from '../../groups/groups.ts';
import { createLogger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import { createApi } from '../create-api.ts';
import { IDLE_API_TARGET } from './idle-api-target.ts';

/** The description of the API as the source has it now; docs/openapi.json is made from it. */
export async function openApiDocument(): Promise<object> {
  const app = fastify({ logger: false });
  await app.register(
    createApi({
      target: IDLE_API_TARGET,
      verifier: { verify: () => Promise.reject(new Error('nobody asks')) },
      jwks: () => ({ keys: [] }),
      groups: fixedGroups([]),
      logger: createLogger('silent', []),
      clock: systemClock,
    }),
  );
  const answer = await app.inject('/api/v1/openapi.json');
  await app.close();
  return answer.json();
}
