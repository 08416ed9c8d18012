/*
 * `npm run openapi`: writes docs/openapi.json from the API's own schemas, and src/api-client/api-types.ts from that. With `--check` it
 * writes nothing, and fails where one of them is not as it would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import openapiTypes, { astToString } from 'openapi-typescript';
import { openApiDocument } from '../../src/api/testing/openapi-document.ts';

const root = new URL('../../', import.meta.url);
const HEADER = `// Made from docs/openapi.json by \`npm run openapi\`. Not to be edited.\n\n`;

const document = await openApiDocument();
const types = astToString(await openapiTypes(structuredClone(document), { alphabetize: true, immutable: true }));
const files = {
  'docs/openapi.json': `${JSON.stringify(document, undefined, 2)}\n`,
  'src/api-client/api-types.ts': `${HEADER}${types}`,
};

for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, root);
  if (!process.argv.includes('--check')) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
    process.stderr.write(`${name} is not what the API's schemas say; run \`npm run openapi\`.\n`);
    process.exitCode = 1;
  }
}
