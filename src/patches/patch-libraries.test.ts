import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertLibrariesPatched, type Patching, patchLibraries } from './patch-libraries.ts';
import { PATCHES, putUnpatchedSsh2 } from './testing/unpatched-ssh2.ts';

let folder: string;
let patching: Patching;
let complaints: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patch libraries '));
  patching = { library: await putUnpatchedSsh2(folder), program: join(folder, 'patch.mjs') };
  complaints = [];
});
afterEach(() => rm(folder, { recursive: true }));

const NEVER = new AbortController().signal;
const patch = (stop = NEVER) => patchLibraries((text) => complaints.push(text), stop, patching);

const APPLIES = `
import { execFileSync } from 'node:child_process';
for (const name of execFileSync('ls', [${JSON.stringify(PATCHES)}], { encoding: 'utf8' }).trim().split('\\n'))
  execFileSync('git', ['apply', ${JSON.stringify(PATCHES)} + '/' + name], { cwd: import.meta.dirname });`;

test('an unpatched library is refused, with what to type', async () => {
  await expect(assertLibrariesPatched(patching)).rejects.toMatchObject({
    code: 'LIBRARY_UNPATCHED',
    message: expect.stringContaining(`Type: ${process.execPath} '${patching.program}'`),
    detail: expect.stringMatching(/^missing: ssh2\+.*server-limits\.patch/),
  });
});

test('it is patched once, and says so; then it goes on without a word', async () => {
  await writeFile(patching.program, APPLIES);
  await patch();
  expect(complaints).toHaveLength(1);
  await assertLibrariesPatched(patching);

  await writeFile(patching.program, 'process.exit(1)');
  await patch();
  expect(complaints).toHaveLength(1);
});

test.each(['process.exit(1)', ''])(
  'where the patching is %j it is refused, with what was printed',
  async (end) => {
    await writeFile(patching.program, `console.log('a hunk failed'); ${end}`);
    await expect(patch()).rejects.toMatchObject({
      code: 'LIBRARY_UNPATCHED',
      message: expect.stringContaining('install this program anew'),
      detail: expect.stringContaining('a hunk failed'),
    });
  },
);

test('who ends it meanwhile is not told to install anything', async () => {
  await writeFile(patching.program, 'setInterval(() => {}, 1000)');
  await expect(patch(AbortSignal.timeout(300))).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
