import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemSchema } from '../../http/problem.ts';
import { authAnswer, configAnswer } from './protocol.ts';
import type { WebhookApp } from './webhook-app.ts';

/** The components of the description, by name. */
const components = z.registry<{ id: string }>();
components.add(authAnswer, { id: 'AuthAnswer' });
components.add(configAnswer, { id: 'ConfigAnswer' });
components.add(problemSchema, { id: 'Problem' });

const zodToJsonConfig = {
  override: ({ zodSchema, jsonSchema }) => {
    const { description } = z.globalRegistry.get(zodSchema) ?? {};
    if (description !== undefined) jsonSchema.description = description;
  },
} satisfies z.core.ToJSONSchemaParams;

/** Has the routes that are added from now on described, as OpenAPI 3.1. */
export async function describeWebhooks(app: WebhookApp): Promise<void> {
  const options = { schemaRegistry: components, zodToJsonConfig };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'ssh-lab-factory: webhooks for ContainerSSH',
        version: '1',
        description:
          "ContainerSSH's authentication and configuration webhooks, answered by a factory. A client certificate may be asked for beside the secret, or instead.",
      },
      components: {
        securitySchemes: {
          password: { type: 'http', scheme: 'basic', description: 'as the URL has it; any user name' },
          secret: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ password: [] }, { secret: [] }],
    },
    transform: createJsonSchemaTransform(options),
    transformObject: createJsonSchemaTransformObject(options),
  });
}
