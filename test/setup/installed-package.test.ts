import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { missingPatches } from '../../src/patches/missing-patches.ts';
import { putUnpatchedSsh2 } from '../../src/patches/testing/unpatched-ssh2.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const PACKED = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).length(1);

let folder: string;
let ssh2: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'installed-package-'));
  ssh2 = await install();
});
afterEach(() => rm(folder, { recursive: true }));

/**
 * As npm 12 leaves it: the package with the libraries beside it, and ssh2 as it comes. In the place of the build are the sources,
 * and so the package is not in node_modules: Node runs no TypeScript there.
 */
async function install(): Promise<string> {
  const { stdout } = await execa('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: PROJECT,
  });
  const [packed] = PACKED.parse(JSON.parse(stdout));
  const files = packed?.files.map(({ path }) => path).filter((path) => !path.startsWith('dist/')) ?? [];
  for (const path of files) {
    await mkdir(dirname(join(folder, 'package', path)), { recursive: true });
    await cp(join(PROJECT, path), join(folder, 'package', path));
  }
  await cp(join(PROJECT, 'src'), join(folder, 'package/src'), { recursive: true });
  const unpatched = await putUnpatchedSsh2(folder);
  for (const name of await readdir(join(PROJECT, 'node_modules'))) {
    if (name === 'ssh2' || name.startsWith('.')) continue;
    await symlink(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return unpatched;
}

/** Root may write everywhere; without this right it is in other people's folders like anybody else. */
const NO_MORE_THAN_OTHERS = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override'] : [];

function factory(words: string[], by: string[] = []) {
  const home = join(folder, 'home');
  const program = [process.execPath, join(folder, 'package/src/cli/main.ts'), ...words];
  const [command = '', ...args] = [...by, ...program];
  const env = { HOME: home, XDG_STATE_HOME: home, XDG_CACHE_HOME: home };
  return execa(command, args, { cwd: folder, env, reject: false });
}

test('the first command patches ssh2 and says so, two at once do it as well, and the next one finds it done', async () => {
  expect((await missingPatches(ssh2)).length).toBeGreaterThan(0);
  const both = await Promise.all([factory(['config', 'check']), factory(['config', 'check'])]);
  for (const { stdout, stderr, exitCode } of both) {
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(/^The default configuration is fine/);
  }
  expect(both.map(({ stderr }) => stderr).join('\n')).toContain('the SSH library');
  expect(await missingPatches(ssh2)).toEqual([]);
  expect(await readdir(join(ssh2, 'lib'))).toEqual(await readdir(join(PROJECT, 'node_modules/ssh2/lib')));
  expect(await factory(['config', 'check'])).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a gateway itself does not start with an unpatched ssh2', async () => {
  const script = `
    const { createGateway } = await import('./package/src/gateway/gateway.ts');
    await createGateway({}).catch(({ code }) => console.log(code));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  expect(stdout).toBe('LIBRARY_UNPATCHED');
});

test("in somebody else's installation nothing is started before it is patched, and what to type is said", async () => {
  await chmod(ssh2, 0o555);
  for (const command of ['serve', 'try']) {
    const { exitCode, stdout, stderr } = await factory([command], NO_MORE_THAN_OTHERS);
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`sudo ${process.execPath} ${folder}/package/setup/patch-libraries.mjs`);
  }
  await chmod(ssh2, 0o755);
  await execa(process.execPath, [join(folder, 'package/setup/patch-libraries.mjs')]);
  expect((await factory(['config', 'check'], NO_MORE_THAN_OTHERS)).stderr).toBe('');
});
