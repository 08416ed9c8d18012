import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import type { Tokens } from '../tokens/open-tokens.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import { subjectOf } from '../tokens/revocation.ts';
import { audited } from './operator-audit.ts';
import { sendProblem } from './send-problem.ts';
import {
  type CreatedToken,
  principalOf,
  type RotationStatus,
  revocationOf,
  revocationRequestSchema,
  tokenRequestSchema,
} from './token-request.ts';

export type TokenOffice = Pick<Tokens, 'issuer' | 'rotate' | 'revoke' | 'jwks'>;

/**
 * `POST /tokens` makes a token for the HTTP API, `POST /tokens/rotation` a new key, `POST /tokens/revocations` takes tokens back,
 * `GET /tokens/jwks` tells the keys that verify them.
 */
export function addTokenRoutes(app: FastifyInstance, tokens: TokenOffice, logger: Logger): void {
  app.post('/tokens', (request, reply) =>
    answer(reply, logger, tokenRequestSchema, request.body, async (asked): Promise<CreatedToken> => {
      const principal = principalOf(asked);
      const act = { request, what: 'token', message: 'a token is made', fields: { for: principal } } as const;
      const { token, expires } = await audited(
        logger,
        act,
        async () => {
          const issued = await tokens.issuer.issue(principal, AUDIENCE.api, asked.for_ms);
          return { token: issued.token, expires: new Date(issued.expiresAt).toISOString() };
        },
        (made) => ({ until: made.expires }),
      );
      void reply.code(201).header('cache-control', 'no-store');
      return { token, expires_at: expires };
    }),
  );
  app.post('/tokens/rotation', (request, reply) =>
    answer(reply, logger, z.unknown(), undefined, async (): Promise<RotationStatus> => {
      const act = { request, what: 'signing_key', message: 'the key that signs tokens is changed' } as const;
      return await audited(
        logger,
        act,
        async () => {
          const { kid, signsFrom } = await tokens.rotate();
          return { kid, signs_from: new Date(signsFrom).toISOString() };
        },
        (changed) => changed,
      );
    }),
  );
  app.post('/tokens/revocations', (request, reply) =>
    answer(reply, logger, revocationRequestSchema, request.body, async (asked) => {
      const revocation = revocationOf(asked);
      const fields = { kind: revocation.kind, of: subjectOf(revocation) };
      const act = { request, what: 'revocation', message: 'tokens are taken back', fields } as const;
      await audited(logger, act, () => tokens.revoke(revocation));
      void reply.code(204);
      return undefined;
    }),
  );
  app.get('/tokens/jwks', () => tokens.jwks());
}

/** What `work` makes of a body that is right. */
async function answer<T>(
  reply: FastifyReply,
  logger: Logger,
  schema: z.ZodType<T>,
  body: unknown,
  work: (asked: T) => Promise<object | undefined>,
): Promise<unknown> {
  const asked = schema.safeParse(body);
  if (!asked.success) return reply.code(400).send({ message: z.prettifyError(asked.error) });
  try {
    return await work(asked.data);
  } catch (thrown) {
    return sendProblem(reply, logger, thrown);
  }
}
