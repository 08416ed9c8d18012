import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FactoryError } from '../errors/factory-error.ts';
import { findLabs } from '../labs/load-labs.ts';
import { ownerName } from './default-config.ts';
import { loadConfig } from './load-config.ts';
import { configSchema } from './schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true }));

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .dictionary(fc.constantFrom(...Object.keys(configSchema.shape)), fc.jsonValue())
    .map((value) => stringify(value)),
);

test('whatever stands in the file, loading rejects with FactoryError or not at all', async () => {
  const file = join(folder, 'factory.yaml');
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      await writeFile(file, content);
      const defaults = {
        owner: ownerName('al').user,
        images: { node: 'n', traefik: 't' },
        labs: folder,
        lab: undefined,
      };
      const thrown = await loadConfig({ file, workingFolder: folder, defaults, findLabs, env: {} }).catch(
        (error: unknown) => error,
      );
      expect(thrown).toBeInstanceOf(FactoryError);
    }),
    { numRuns: 200 },
  );
});
