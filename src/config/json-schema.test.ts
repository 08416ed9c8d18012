import { expect, test } from 'vitest';
import { z } from 'zod';
import { labSchema } from '../labs/lab-schema.ts';
import { configSchema } from './schema.ts';

// The published schemas are these very snapshots: `npx vitest run -u src/config/json-schema.test.ts` writes them anew.
test.each([
  ['factory', configSchema],
  ['lab', labSchema],
])('docs/%s.schema.json is what the source says', async (name, schema) => {
  const text = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`../../docs/${name}.schema.json`);
});
