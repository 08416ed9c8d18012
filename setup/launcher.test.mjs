import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './paths.mjs';

// ./factory alone: around it a checkout whose set-up and program are a few lines that tell what became of them.

/** Stands where set-up is: makes the file that ./factory looks for, and says that it was called. */
const LAUNCH = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
const root = fileURLToPath(new URL('..', import.meta.url));
process.stderr.write('made;' + readFileSync(0, 'utf8'));
mkdirSync(root + 'dist', { recursive: true });
writeFileSync(root + 'dist/.node', process.execPath + '\\n');
console.log(process.execPath);
`;

/** Stands where the program is. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
const [command] = process.argv.slice(2);
if (command === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1_000);
}
console.log(JSON.stringify({
  pid: process.pid,
  args: process.argv.slice(2),
  input: command === 'read' ? readFileSync(0, 'utf8') : '',
  typed: process.env.FACTORY_COMMAND,
  folder: process.cwd(),
}));
if (command === 'fail') process.exitCode = 78;
`;

/** @type {string} */
let folder;
/** @type {string} */
let checkout;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
  checkout = join(folder, 'a checkout');
  for (const name of ['src', 'setup', 'patches', 'dist/cli'])
    await mkdir(join(checkout, name), { recursive: true });
  await copyFile(join(ROOT, 'factory'), join(checkout, 'factory'));
  await writeFile(join(checkout, 'setup/launch.mjs'), LAUNCH);
  await writeFile(join(checkout, 'setup/setup.mjs'), "console.log('set up', process.argv.slice(2));");
  await writeFile(join(checkout, 'dist/cli/main.js'), PROGRAM);
  await writeFile(join(checkout, 'src/main.ts'), '');
  await writeFile(join(checkout, 'package.json'), '{"type": "module"}');
  await writeFile(join(checkout, 'package-lock.json'), '');
  await writeFile(join(checkout, 'tsconfig.json'), '');
});
afterEach(() => rm(folder, { recursive: true }));

/**
 * @param {readonly string[]} [args]
 * @param {{ file?: string, input?: string, cwd?: string, env?: Record<string, string> }} [options]
 */
async function factory(args = [], { file = join(checkout, 'factory'), input = '', ...options } = {}) {
  const { stdout, stderr, exitCode } = await execa(file, args, {
    input,
    reject: false,
    timeout: 20_000,
    ...options,
  });
  return { told: stdout.startsWith('{') ? JSON.parse(stdout) : stdout, stderr, exitCode };
}

test('what is missing is made once, and only the program writes to standard output', async () => {
  const first = await factory(['read'], { input: 'for the program' });
  expect(first).toMatchObject({ stderr: 'made;', told: { input: 'for the program' } });
  expect((await factory()).stderr).toBe('');
});

test('it is found through links and from anywhere, and knows what was typed', async () => {
  await factory();
  await mkdir(join(folder, 'bin'));
  await symlink('../a checkout/factory', join(folder, 'bin/factory'));
  const cwd = join(folder, 'bin');
  expect((await factory([], { cwd, file: './factory' })).told).toMatchObject({
    typed: './factory',
    folder: cwd,
  });
  const env = { PATH: `${cwd}:${process.env.PATH}` };
  expect((await factory([], { cwd: folder, file: 'factory', env })).told).toMatchObject({ typed: 'factory' });
});

test('arguments and the exit code are passed through as they are', async () => {
  expect(await factory(['fail', 'two words', '', '*'])).toMatchObject({
    exitCode: 78,
    told: { args: ['fail', 'two words', '', '*'] },
  });
});

test('the program takes the place of the launcher, so that signals reach it', async () => {
  await factory();
  const child = spawn(join(checkout, 'factory'), ['wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [told] = await once(child.stdout, 'data');
  expect(JSON.parse(told).pid).toBe(child.pid);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([7, null]);
});

test.each([
  ['a source that changed', () => writeFile(join(checkout, 'src/main.ts'), 'changed')],
  ['a source that came', () => writeFile(join(checkout, 'src/new.ts'), '')],
  ['a source that went', () => rm(join(checkout, 'src/main.ts'))],
  ['another lock file', () => writeFile(join(checkout, 'package-lock.json'), '{}')],
  ['other compiler settings', () => writeFile(join(checkout, 'tsconfig.json'), '{}')],
  ['other pins', () => writeFile(join(checkout, 'setup/pins.mjs'), '')],
  ['another patch', () => writeFile(join(checkout, 'patches/ssh2.patch'), '')],
  ['a build that went', () => rm(join(checkout, 'dist/.node'))],
  ['a Node that went', () => writeFile(join(checkout, 'dist/.node'), '/nowhere/node\n')],
])('%s is noticed', async (_, change) => {
  await factory();
  await change();
  expect((await factory()).stderr).toBe('made;');
  expect((await factory()).stderr).toBe('');
});

test('a changed file is noticed whatever its time says, as after rsync --times', async () => {
  await factory();
  await writeFile(join(checkout, 'src/main.ts'), 'changed');
  const longAgo = new Date('2001-01-01');
  await utimes(join(checkout, 'src/main.ts'), longAgo, longAgo);
  expect((await factory()).stderr).toBe('made;');
});

test('a set-up that fails is the end, and the program is not run', async () => {
  await writeFile(join(checkout, 'setup/launch.mjs'), 'process.exitCode = 69;');
  expect(await factory()).toMatchObject({ exitCode: 69, told: '' });
});

test('where there is no Node at all it says what to install', async () => {
  const bin = join(folder, 'few programs');
  await mkdir(bin);
  await symlink('/bin/sh', join(bin, 'sh'));
  const result = await factory([], { env: { PATH: bin } });
  expect(result).toMatchObject({ exitCode: 69, told: '' });
  expect(result.stderr).toContain('Node 18 or newer');
});

test('`factory setup` is set-up and not the program', async () => {
  expect((await factory(['setup', '--help'])).told).toBe("set up [ '--help' ]");
});
