import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../../test/e2e/harness/certificate.ts';
import { runProgram } from '../cli/testing/run-program.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/class-with-https.md');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'class-page-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the configuration that the page on a class with HTTPS shows is right, with either authority', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [whole = '', own = ''] = [...page.matchAll(/^ *```yaml\n(.*?)^ *```$/gms)].map(
    ([, text = '']) => text,
  );
  const { pem } = await makeCertificate(folder, ['ca.example.org']);
  for (const root of ['root_ca.crt', 'letsencrypt-staging.pem']) await writeFile(join(folder, root), pem);
  const other = whole.replace(/^acme:\n(?: .*\n)+/m, `${own.trim()}\n`);
  expect(other).not.toBe(whole);
  for (const text of [whole, other]) {
    await writeFile(join(folder, 'factory.yaml'), text);
    const { error } = await runProgram(folder, ['config', 'check', '-c', 'factory.yaml']);
    expect(error).toBeUndefined();
  }
});
