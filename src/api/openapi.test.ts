import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openApiDocument } from './testing/openapi-document.ts';

const root = new URL('../../', import.meta.url);

test('docs/openapi.json is what the schemas say (else: npm run openapi)', async () => {
  const committed = JSON.parse(await readFile(new URL('docs/openapi.json', root), 'utf8'));
  expect(committed).toEqual(await openApiDocument());
});

test("the client's types are made from it (else: npm run openapi)", async () => {
  const script = new URL('tools/openapi-types/generate.mjs', root).pathname;
  const { exitCode, stderr } = await execa(process.execPath, [script, '--check'], { reject: false });
  expect([exitCode, stderr]).toEqual([0, '']);
});

test('is OpenAPI 3.1 in which every reference leads somewhere', async () => {
  const text = JSON.stringify(await openApiDocument());
  expect(text).toContain('"openapi":"3.1.1"');
  const { components } = JSON.parse(text);
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(components.schemas).toHaveProperty(name);
});
