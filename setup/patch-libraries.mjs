#!/usr/bin/env node
// @ts-check
// After npm has put the libraries in place: applies patches/ to them, and builds ssh2's native addon again, of which the source is
// patched too: npm has built it before. In an installed package they lie beside it and not in it,
// and npx has no package.json where patch-package looks for one: it is given a folder of its own, with a link to them.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './paths.mjs';

const LIMIT = 60_000;
const COMPILING = 300_000;
const require = createRequire(import.meta.url);

/** The node_modules that the program loads its libraries from. */
const libraries = dirname(dirname(require.resolve('ssh2/package.json')));
const patchPackage = join(dirname(require.resolve('patch-package/package.json')), 'index.js');

const work = mkdtempSync(join(tmpdir(), 'patch-libraries-'));
try {
  writeFileSync(join(work, 'package.json'), '{}');
  symlinkSync(libraries, join(work, 'node_modules'), 'junction');
  cpSync(join(ROOT, 'patches'), join(work, 'patches'), { recursive: true });
  const options = { cwd: work, stdio: /** @type {const} */ ('inherit'), timeout: LIMIT };
  const { status } = spawnSync(process.execPath, [patchPackage, '--error-on-fail'], options);
  process.exitCode = status ?? 1;
  if (status === 0) rebuildAddon(join(libraries, 'ssh2'));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * Where there was no compiler there is no addon, and none is needed. One that can't be built again goes: it is not the patched one.
 * @param {string} ssh2
 */
function rebuildAddon(ssh2) {
  const addon = join(ssh2, 'lib/protocol/crypto/build/Release/sshcrypto.node');
  if (!existsSync(addon)) return;
  rmSync(addon);
  spawnSync(process.execPath, ['install.js'], { cwd: ssh2, stdio: 'inherit', timeout: COMPILING });
}
