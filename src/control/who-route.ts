import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logging/logger.ts';
import { parseUsername } from '../names/username.ts';
import type { WhoIs } from '../who/who-is.ts';
import { sendProblem } from './send-problem.ts';

/** For a look at the identity sources; ms. */
const LIMIT = 30_000;

/** `GET /who/:user` tells what is known of a user, and changes nothing. */
export function addWhoRoute(app: FastifyInstance, who: WhoIs, logger: Logger): void {
  app.get<{ Params: { user: string } }>('/who/:user', async (request, reply) => {
    const user = parseUsername(request.params.user);
    if (user === undefined) return reply.code(400).send({ message: 'that is no user name' });
    try {
      return await who(user, AbortSignal.timeout(LIMIT));
    } catch (thrown) {
      return sendProblem(reply, logger, thrown, { user });
    }
  });
}
