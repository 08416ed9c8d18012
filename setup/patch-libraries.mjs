#!/usr/bin/env node
// @ts-check
// After npm has put the libraries in place: applies patches/ to ssh2, and builds its native addon again, of which the source is
// patched too: npm has built it before. npm 12 runs this in a checkout only; in an installed package the program runs it at its
// first start (src/patches/). A copy is patched, and each file that has changed is moved into place: who is interrupted or meets
// another who does the same leaves no file half written, and a store that the files are linked from stays as it is.
// patch-package wants a folder with a package.json, which is not there where npx puts libraries: it is given one of its own.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { ROOT } from './paths.mjs';

const LIMIT = 60_000;
const COMPILING = 300_000;
const require = createRequire(import.meta.url);

/** The one that the program loads. */
const ssh2 = dirname(require.resolve('ssh2/package.json'));
const addon = join('lib', 'protocol', 'crypto', 'build');
const patchPackage = join(dirname(require.resolve('patch-package/package.json')), 'index.js');

const work = mkdtempSync(join(tmpdir(), 'patch-libraries-'));
try {
  const copy = join(work, 'node_modules', 'ssh2');
  writeFileSync(join(work, 'package.json'), '{}');
  cpSync(ssh2, copy, { recursive: true, filter: (path) => !path.startsWith(join(ssh2, addon)) });
  cpSync(join(ROOT, 'patches'), join(work, 'patches'), { recursive: true });
  const options = { cwd: work, stdio: /** @type {const} */ ('inherit'), timeout: LIMIT };
  const { status } = spawnSync(process.execPath, [patchPackage, '--error-on-fail'], options);
  process.exitCode = status ?? 1;
  if (status === 0) takeOver(copy);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * Where there was no compiler there is no addon, and none is needed. One that can't be built again goes, and goes first: it is not
 * the patched one.
 * @param {string} copy
 */
function takeOver(copy) {
  const hadAddon = existsSync(join(ssh2, addon, 'Release', 'sshcrypto.node'));
  rmSync(join(ssh2, addon), { recursive: true, force: true });
  for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(ssh2, from.slice(copy.length + sep.length));
    const content = readFileSync(from);
    if (existsSync(to) && readFileSync(to).equals(content)) continue;
    const beside = `${to}.${process.pid}`;
    writeFileSync(beside, content);
    renameSync(beside, to);
  }
  if (hadAddon)
    spawnSync(process.execPath, ['install.js'], { cwd: ssh2, stdio: 'inherit', timeout: COMPILING });
}
