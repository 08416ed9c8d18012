import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HookOffice } from '../hooks/office/hook-office.ts';
import { queryNumber } from '../http/query-values.ts';
import type { Logger } from '../logging/logger.ts';
import { sendProblem } from './send-problem.ts';

const query = z.strictObject({ limit: queryNumber(0, Number.MAX_SAFE_INTEGER).default(100) });

/** The body of `POST /hooks/retries`; without an id all are meant. */
export const retrySchema = z.strictObject({ id: z.string().max(100).optional() });

/** The answer of `POST /hooks/retries`. */
export const retriedSchema = z.object({ retried: z.number() });

/** `GET /hooks` lists what waits and what was given up, `POST /hooks/retries` has it tried now, `DELETE /hooks/:id` drops one. */
export function addHooksRoute(app: FastifyInstance, hooks: HookOffice, logger: Logger): void {
  app.get('/hooks', (request, reply) =>
    answer(reply, logger, query, request.query, ({ limit }) => hooks.list(limit)),
  );
  app.post('/hooks/retries', (request, reply) =>
    answer(reply, logger, retrySchema, request.body, ({ id }) => {
      logger.info({ delivery: id ?? 'all' }, 'the operator has hooks tried now');
      return { retried: hooks.retry(id) };
    }),
  );
  app.delete('/hooks/:id', (request, reply) =>
    answer(reply, logger, z.object({ id: z.string() }), request.params, ({ id }) => {
      hooks.drop(id);
      logger.warn({ delivery: id }, 'the operator has dropped a hook');
      void reply.code(204);
      return undefined;
    }),
  );
}

/** What `work` makes of what was asked, where that is right. */
function answer<T>(
  reply: FastifyReply,
  logger: Logger,
  schema: z.ZodType<T>,
  asked: unknown,
  work: (asked: T) => object | undefined,
): unknown {
  const parsed = schema.safeParse(asked);
  if (!parsed.success) return reply.code(400).send({ message: z.prettifyError(parsed.error) });
  try {
    return reply.send(work(parsed.data));
  } catch (thrown) {
    return sendProblem(reply, logger, thrown);
  }
}
