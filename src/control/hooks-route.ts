import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HookOffice } from '../hooks/office/hook-office.ts';
import { queryNumber } from '../http/query-values.ts';
import type { Logger } from '../logging/logger.ts';
import { audited } from './operator-audit.ts';
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
      const fields = { order: 'retry', delivery: id ?? 'all' };
      const act = { request, what: 'hook', message: 'hooks are tried now', fields } as const;
      return audited(
        logger,
        act,
        () => ({ retried: hooks.retry(id) }),
        (outcome) => outcome,
      );
    }),
  );
  app.delete('/hooks/:id', (request, reply) =>
    answer(reply, logger, z.object({ id: z.string() }), request.params, async ({ id }) => {
      const fields = { order: 'drop', delivery: id };
      const act = { request, what: 'hook', message: 'a hook is dropped', fields } as const;
      await audited(logger, act, () => hooks.drop(id));
      void reply.code(204);
      return undefined;
    }),
  );
}

/** What `work` makes of what was asked, where that is right. */
async function answer<T>(
  reply: FastifyReply,
  logger: Logger,
  schema: z.ZodType<T>,
  asked: unknown,
  work: (asked: T) => object | undefined | Promise<object | undefined>,
): Promise<unknown> {
  const parsed = schema.safeParse(asked);
  if (!parsed.success) return reply.code(400).send({ message: z.prettifyError(parsed.error) });
  try {
    return await work(parsed.data);
  } catch (thrown) {
    return sendProblem(reply, logger, thrown);
  }
}
