import type { FastifyInstance } from 'fastify';

/** The OpenAPI description of an app that has `@fastify/swagger` and is ready. */
export function descriptionOf(app: Pick<FastifyInstance, 'swagger'>): Record<string, unknown> {
  const document = app.swagger();
  if (!('components' in document)) throw new Error('a description without components');
  // Each component is described as it is sent and as it is received; ours are only sent.
  const schemas = Object.entries(document.components?.schemas ?? {});
  const sent = Object.fromEntries(schemas.filter(([name]) => !name.endsWith('Input')));
  return { ...document, components: { ...document.components, schemas: sent } };
}
