import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recordedEventSchema } from '../history/event-schema.ts';
import { problemSchema } from '../http/problem.ts';
import { stepErrorSchema } from '../status/part-status.ts';
import type { ApiApp } from './api-context.ts';
import {
  clusterListSchema,
  clusterLogsSchema,
  clusterSchema,
  clusterSummarySchema,
  extensionSchema,
  nodeSchema,
  progressSchema,
} from './cluster-schema.ts';

/** The components of the description, by name. */
const components = z.registry<{ id: string }>();
components.add(clusterSchema, { id: 'Cluster' });
components.add(clusterSummarySchema, { id: 'ClusterSummary' });
components.add(clusterListSchema, { id: 'ClusterList' });
components.add(nodeSchema, { id: 'Node' });
components.add(progressSchema, { id: 'Progress' });
components.add(extensionSchema, { id: 'Extension' });
components.add(clusterLogsSchema, { id: 'ClusterLogs' });
components.add(stepErrorSchema, { id: 'StepError' });
components.add(problemSchema, { id: 'Problem' });
components.add(recordedEventSchema, { id: 'RecordedEvent' });

const zodToJsonConfig = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }) => {
    const { description } = z.globalRegistry.get(zodSchema) ?? {};
    if (description !== undefined) jsonSchema.description = description;
    // A name of a node is checked by a function, which JSON Schema has none of; it is text.
    if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'string';
    // `format` says it; the pattern that goes with it is long, and there are dozens of times.
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  },
} satisfies z.core.ToJSONSchemaParams;

/** Has the routes that are added from now on described, as OpenAPI 3.1. */
export async function describeApi(app: ApiApp): Promise<void> {
  const options = { schemaRegistry: components, zodToJsonConfig };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'ssh-lab-factory',
        version: '1',
        description: "The clusters of a factory's workspaces: their state, and what may be done with them.",
      },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform(options),
    transformObject: createJsonSchemaTransformObject(options),
  });
}
