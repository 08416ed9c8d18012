import { z } from 'zod';

/** What may stand in a file, for editors (JSON Schema, draft 2020-12). */
export function jsonSchemaText(schema: z.ZodType): string {
  return JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), undefined, 2);
}
