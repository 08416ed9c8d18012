import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../cli/testing/run-program.ts';
import { labJsonSchema } from './lab-json-schema.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/labs.md');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labs-page-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** The page's examples, each under the name in its first line. */
async function examples(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(PAGE, 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n# (\S+)\n(.*?)^```$/gms)];
  expect(blocks).toHaveLength(page.split('```yaml').length - 1);
  return new Map(blocks.map(([, name = '', text = '']) => [name, text]));
}

test('the examples of the page are right, and the configuration there allows what they name', async () => {
  for (const [file, text] of await examples()) await write(file, text);
  await write('labs/k8s/image/Dockerfile', 'FROM scratch\n');
  await write('labs/k8s/files/notes.md', '');
  await write('hook-key', 'whsec_c2VjcmV0LW9mLXRoZS1jb3Vyc2U=\n');
  const check = await runProgram(folder, ['lab', 'check', 'labs']);
  expect(check.error).toBeUndefined();
  expect(check.said).toContain('The lab charts is fine');
  expect(check.said).toContain('The lab k8s is fine');
  expect(check.said).toContain('The lab small is fine');
  expect((await runProgram(folder, ['config', 'check', '-c', 'factory.yaml'])).error).toBeUndefined();

  const render = await runProgram(folder, ['lab', 'render', 'alice/k8s', '-c', 'factory.yaml', '--json']);
  expect(JSON.parse(render.said)).toMatchObject({
    host: 'k8s.alice.lab.example.org',
    description: 'Kubernetes, week 3, for alice',
    container: { files: [{ mode: '0644' }, { mode: '0600' }] },
    hooks: { cleanup: { secret: '[redacted]' } },
  });
  // The same without the mounts is refused.
  await write('factory.yaml', ((await examples()).get('factory.yaml') ?? '').replace(/^mounts:.*/ms, ''));
  const refused = await runProgram(folder, ['config', 'check', '-c', 'factory.yaml']);
  expect(refused.error).toMatchObject({ message: expect.stringContaining('is not among the mounts') });
});

test('the page has every key of a lab', async () => {
  const page = await readFile(PAGE, 'utf8');
  const properties = (of: unknown) => Object(Reflect.get(Object(of), 'properties'));
  const lab = properties(labJsonSchema());
  const keys = [
    ...Object.keys(lab).filter((key) => key !== 'container' && key !== 'routes'),
    ...Object.keys(properties(lab.container)).map((key) => `container.${key}`),
    ...Object.keys(properties(lab.routes)).map((key) => `routes.${key}`),
  ];
  for (const key of keys) expect(page).toContain(`| \`${key}\` |`);
  for (const hook of Object.keys(properties(lab.hooks))) expect(page).toContain(`\`${hook}\``);
});
