import { z } from 'zod';
import { labSchema } from './lab-schema.ts';

/** What begins a template. */
const TEMPLATE = String.raw`\{\{|\{%`;

/** What may stand in a lab.yaml, for editors (JSON Schema, draft 2020-12): where a text must have some form, a template may stand as well. */
export function labJsonSchema(): unknown {
  return withTemplates(z.toJSONSchema(labSchema, { io: 'input' }));
}

function withTemplates(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withTemplates);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => {
    // Names are no values: they are as they are written.
    if (key === 'propertyNames') return [key, value];
    if (key === 'pattern' && typeof value === 'string') return [key, `(?:${value})|${TEMPLATE}`];
    return [key, withTemplates(value)];
  });
  return Object.fromEntries(entries.map(([key, value]) => orTemplate(key, value)));
}

/** A text of a fixed set, or a template. */
function orTemplate(key: PropertyKey, value: unknown): readonly [PropertyKey, unknown] {
  if (typeof value !== 'object' || value === null || !('enum' in value) || !('type' in value))
    return [key, value];
  if (value.type !== 'string') return [key, value];
  const { enum: words, type, ...rest } = value;
  return [
    key,
    {
      ...rest,
      anyOf: [
        { type, enum: words },
        { type, pattern: TEMPLATE },
      ],
    },
  ];
}
