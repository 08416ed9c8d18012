import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { ControlTarget } from './control-target.ts';
import { auditedFromTheStart } from './operator-audit.ts';
import { sendProblem } from './send-problem.ts';
import { readOrder } from './workspace-request.ts';

/** How long a request is kept open for an order at most, whatever its client does; ms. */
const LONGEST_WAIT = 3_600_000;

/**
 * `POST /workspaces/:user/:lab/:command`: answers when what was ordered is so. Who hangs up before stops waiting; the order
 * stays in force. A refusal and a failure are problems with code and id.
 */
export function addWorkspaceRoute(app: FastifyInstance, target: ControlTarget, logger: Logger): void {
  app.post('/workspaces/:user/:lab/:command', async (request, reply) => {
    const order = readOrder(request.params, request.body, Date.now());
    if ('mistake' in order) return reply.code(400).send({ message: order.mistake });
    const { key, command, by } = order;
    const fields = { workspace: formatWorkspaceKey(key), command, by };
    const act = {
      request,
      by,
      what: 'order',
      message: 'an order of the operator',
      lab: key.lab,
      fields: { ...fields, user: key.user, order: command.kind },
    } as const;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(new Error('nobody waits for it any more')));
    try {
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(LONGEST_WAIT)]);
      await auditedFromTheStart(logger, act, () =>
        target.command(key, command, by, signal).catch((thrown: unknown) => {
          // Who hangs up calls nothing off, so it has not failed.
          if (!gone.signal.aborted) throw thrown;
        }),
      );
      return gone.signal.aborted ? reply.hijack() : reply.code(204).send();
    } catch (thrown) {
      return sendProblem(reply, logger, thrown, fields);
    }
  });
}
