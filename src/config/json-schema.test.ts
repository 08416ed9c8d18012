import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { answerSchema } from '../hooks/messages/answer-schema.ts';
import { hookBodySchema } from '../hooks/messages/hook-body.ts';
import { labJsonSchema } from '../labs/lab-json-schema.ts';
import { configSchema } from './schema.ts';

// The published schemas are these very snapshots: `npx vitest run -u src/config/json-schema.test.ts` writes them anew.
test.each([
  ['factory', z.toJSONSchema(configSchema, { io: 'input' })],
  ['lab', labJsonSchema()],
  ['hooks', z.toJSONSchema(hookBodySchema, { io: 'input' })],
  ['hook-answer', z.toJSONSchema(answerSchema, { io: 'input' })],
])('docs/%s.schema.json is what the source says', async (name, schema) => {
  const text = `${JSON.stringify(schema, undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`../../docs/${name}.schema.json`);
});

test.each(['debian', 'k3s'])('in the lab %s editors find the schema by its first line', async (lab) => {
  const folder = resolve(import.meta.dirname, '../../labs', lab);
  const [first = ''] = (await readFile(resolve(folder, 'lab.yaml'), 'utf8')).split('\n');
  const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? 'none';
  expect(resolve(folder, schema)).toBe(resolve(import.meta.dirname, '../../docs/lab.schema.json'));
});
