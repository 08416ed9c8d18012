#!/usr/bin/env node
// @ts-check
// After npm has put the libraries in place: applies patches/ to them. In an installed package they lie beside it, and not
// in it, where patch-package would look by itself.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './paths.mjs';

const require = createRequire(import.meta.url);

/** The folder whose node_modules holds the library, so that it is the one that the program loads. */
const holder = dirname(dirname(dirname(require.resolve('ssh2/package.json'))));
const patchPackage = join(dirname(require.resolve('patch-package/package.json')), 'index.js');
const patches = relative(holder, join(ROOT, 'patches'));

const { status } = spawnSync(process.execPath, [patchPackage, '--error-on-fail', '--patch-dir', patches], {
  cwd: holder,
  stdio: 'inherit',
  timeout: 60_000,
});
process.exitCode = status ?? 1;
