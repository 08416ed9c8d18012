import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { section } from '../../test/e2e/harness/sections.ts';
import { PROJECT } from '../../test/e2e/harness/set-up.ts';
import { CLUSTER_KINDS } from './cluster-kinds.ts';

test('docs/operate.md writes the leanest cluster as it is measured', async () => {
  const page = section(await readFile(join(PROJECT, 'docs/operate.md'), 'utf8'), 'How many fit');
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  expect(parse(yaml)).toEqual({ cluster: CLUSTER_KINDS.at(-1)?.lab.cluster });
});
