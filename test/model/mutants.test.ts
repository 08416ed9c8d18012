import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MUTANTS, type Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SEED = 5;
const MOST_STORIES = 4_000;

describe('the model finds each mistake that is put into the controllers', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ssh-lab-factory-mutants-'));
    for (const name of ['src', 'test/model', 'package.json'])
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function runModel(stories: number) {
    const script = join(folder, 'test/model/run-model.ts');
    return await execa(process.execPath, ['--no-warnings', script, String(stories), String(SEED)], {
      reject: false,
      timeout: 600_000,
    });
  }

  test('and nothing where there is none', async () => {
    const { exitCode, stdout } = await runModel(200);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '200 stories, nothing wrong' });
  });

  test.each(MUTANTS)('$name', { timeout: 660_000 }, async (mutant) => {
    await using _ = await mutated(folder, mutant);
    const { exitCode, stdout } = await runModel(MOST_STORIES);
    process.stdout.write(`${mutant.name}: ${stdout}\n`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: expect.stringMatching(/^story \d+: ./) });
  });
});

async function mutated(folder: string, { file, from, to }: Mutant): Promise<AsyncDisposable> {
  const path = join(folder, 'src/workspaces', file);
  const text = await readFile(path, 'utf8');
  expect(text.split(from), `${file} has this once: ${from}`).toHaveLength(2);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
  return { [Symbol.asyncDispose]: () => writeFile(path, text) };
}
