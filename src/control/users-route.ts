import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { UserAccounts } from '../identity/describe-user.ts';
import type { Logger } from '../logging/logger.ts';
import { audited } from './operator-audit.ts';
import { sendProblem } from './send-problem.ts';
import { userPathSchema } from './users-schema.ts';

/** ms; all of it is on this machine's disk. */
const LIMIT = 30_000;

/** `GET /users` tells the accounts that are remembered, `POST /users/<user>/acceptance` takes the one that a name was refused for. */
export function addUserRoutes(app: FastifyInstance, users: UserAccounts, logger: Logger): void {
  app.get('/users', (_request, reply) =>
    answer(reply, logger, async () => ({ users: await users.list(AbortSignal.timeout(LIMIT)) })),
  );
  app.post('/users/:user/acceptance', (request, reply) => {
    const asked = userPathSchema.safeParse(request.params);
    if (!asked.success) return reply.code(400).send({ message: z.prettifyError(asked.error) });
    const { user } = asked.data;
    const act = {
      request,
      what: 'account',
      message: 'another account is accepted for a name',
      fields: { user },
    } as const;
    const accept = () => users.accept(user, AbortSignal.timeout(LIMIT));
    return answer(reply, logger, () =>
      audited(logger, act, accept, ({ id, refused }) => ({ before: id, account: refused?.id ?? id })),
    );
  });
}

async function answer(reply: FastifyReply, logger: Logger, work: () => Promise<object>): Promise<unknown> {
  try {
    return await work();
  } catch (thrown) {
    return sendProblem(reply, logger, thrown);
  }
}
