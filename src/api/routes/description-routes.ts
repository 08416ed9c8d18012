import { z } from 'zod';
import { descriptionOf } from '../../http/description-of.ts';
import type { ApiApp, PublicKeys } from '../api-context.ts';
import { jwksSchema } from '../cluster-schema.ts';

/** What the API says of itself, to whoever asks. */
export function addDescriptionRoutes(app: ApiApp, jwks: PublicKeys): void {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { endpoint: 'openapi' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'openapi',
      summary: 'This description.',
      security: [],
      response: { 200: z.record(z.string(), z.unknown()) },
    },
    handler: () => descriptionOf(app),
  });
  app.route({
    method: 'GET',
    url: '/jwks.json',
    config: { endpoint: 'jwks' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'jwks',
      summary: 'The public keys of the tokens (RFC 7517).',
      security: [],
      response: { 200: jwksSchema },
    },
    handler: async () => ({ keys: [...(await jwks()).keys].map((key) => ({ ...key })) }),
  });
}
