import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { CheckoutCopy } from './checkout-copy.ts';

let checkout: CheckoutCopy;
beforeAll(async () => {
  checkout = await CheckoutCopy.make();
}, 300_000);
afterAll(() => checkout[Symbol.asyncDispose]());

/** Each compiles the whole program, beside other tests; ms. */
const COMPILING = 600_000;

const compiled = ({ stderr }: { stderr: string }) => stderr.match(/ok Compiling/g)?.length ?? 0;

/** Where the copy's sources say what the program does. */
const descriptionFile = () => join(checkout.root, 'src/cli/commands/lab.ts');

test('two who type ./factory at once after a clone: one builds, the other waits, both are served', {
  timeout: COMPILING,
}, async () => {
  const both = await Promise.all([checkout.factory('--version'), checkout.factory('--version')]);
  for (const { stdout, exitCode } of both)
    expect({ stdout, exitCode }).toEqual({ stdout: manifest.version, exitCode: 0 });
  expect(both.map(compiled).reduce((sum, count) => sum + count)).toBe(1);
  expect(await checkout.factory('--version')).toEqual({ stdout: manifest.version, stderr: '', exitCode: 0 });
});

test('after a `git pull` it runs what was pulled, and what is gone from the sources is gone from the build', {
  timeout: COMPILING,
}, async () => {
  const source = await readFile(descriptionFile(), 'utf8');
  await writeFile(descriptionFile(), source.replace("'look at labs'", "'pulled a moment ago'"));
  const extra = join(checkout.root, 'src/cli/extra.ts');
  await writeFile(extra, 'export const extra = 1;\n');
  expect((await checkout.factory('--help')).stdout).toContain('pulled a moment ago');
  await stat(join(checkout.root, 'dist/cli/extra.js'));

  await rm(extra);
  expect(compiled(await checkout.factory('--help'))).toBe(1);
  await expect(stat(join(checkout.root, 'dist/cli/extra.js'))).rejects.toThrow('ENOENT');
});

test('sources that do not compile leave the build that is there, and say so', {
  timeout: COMPILING,
}, async () => {
  const source = await readFile(descriptionFile(), 'utf8');
  await writeFile(descriptionFile(), `${source}\nexport const wrong: number = 'text';\n`);
  const { stderr, exitCode } = await checkout.factory('--version');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('commands/lab.ts');
  await stat(join(checkout.root, 'dist/cli/main.js'));
  await writeFile(descriptionFile(), source);
  expect((await checkout.factory('--version')).stdout).toBe(manifest.version);
});

test.runIf(process.getuid?.() === 0)(
  "root runs the program of somebody else's checkout but leaves no files there",
  { timeout: COMPILING },
  async () => {
    const nobody = 65_534;
    await chown(checkout.root, nobody, nobody);
    try {
      expect((await checkout.factory('--version')).stdout).toBe(manifest.version);
      await writeFile(join(checkout.root, 'src/new.ts'), '');
      const { stdout, stderr, exitCode } = await checkout.factory('--version');
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 69 });
      expect(stderr).toMatch(/belongs to \w+.*\n.*sudo -u \w+ -H .*\/factory setup/);
    } finally {
      await chown(checkout.root, 0, 0);
    }
  },
);
