import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import { collectionRequestSchema, type GarbageCollector } from './garbage-schema.ts';
import { auditedFromTheStart } from './operator-audit.ts';
import { sendProblem } from './send-problem.ts';

/** ms */
const LIST_LIMIT = 35_000;
const COLLECT_LIMIT = 1_800_000;

/** `GET /garbage` lists, `DELETE /garbage` removes of that what its body names. */
export function addGarbageRoute(app: FastifyInstance, garbage: GarbageCollector, logger: Logger): void {
  app.get('/garbage', (_request, reply) =>
    answer(reply, logger, () => garbage.list(AbortSignal.timeout(LIST_LIMIT))),
  );
  app.delete('/garbage', { bodyLimit: 2 ** 22 }, (request, reply) => {
    const asked = collectionRequestSchema.safeParse(request.body);
    if (!asked.success) return reply.code(400).send({ message: z.prettifyError(asked.error) });
    return answer(reply, logger, async () => {
      const { items } = asked.data;
      const fields = { items: items.length };
      const act = {
        request,
        what: 'garbage',
        message: 'what belongs to no workspace is removed',
        fields,
      } as const;
      const collection = await auditedFromTheStart(logger, act, () =>
        garbage.collect(items, AbortSignal.timeout(COLLECT_LIMIT)),
      );
      logger.info(collection, 'what belonged to no workspace was removed');
      return collection;
    });
  });
}

async function answer(reply: FastifyReply, logger: Logger, work: () => Promise<object>): Promise<unknown> {
  try {
    return await work();
  } catch (thrown) {
    return sendProblem(reply, logger, thrown);
  }
}
