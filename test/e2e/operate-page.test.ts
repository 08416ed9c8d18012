import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { followPage } from './harness/follow-page.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { section } from './harness/sections.ts';
import { PROJECT } from './harness/set-up.ts';
import { Student } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { startService, Unit } from './harness/systemd-service.ts';

const PAGE = join(PROJECT, 'docs/operate.md');

/** Gives no rights, as the test has those it needs: `sudo -iu factory COMMAND` and `sudo COMMAND` are COMMAND. */
const SUDO = `#!/bin/sh
[ "$1" != -iu ] || shift 2
exec "$@"
`;

test('docs/operate.md, "Install": its configuration is right, and its unit runs a factory that alice can log in to', async () => {
  await using folder = await makeFolder();
  const { bin, etc, systemd, data } = folder;
  const page = section(await readFile(PAGE, 'utf8'), 'Install');
  await followPage(page, {
    folder: folder.path,
    env: { PATH: `${bin}:${process.env.PATH}`, FACTORY_SETUP: process.env.FACTORY_SETUP ?? '' },
    replace: new Map([
      ['/etc/ssh-lab-factory', etc],
      ['/etc/systemd/system', systemd],
      ['/var/lib/ssh-lab-factory', data],
      // Ports that are free here, and not for the whole network.
      ['(?:0\\.0\\.0\\.0|127\\.0\\.0\\.1):\\d+', '127.0.0.1:0'],
    ]),
    within: 180_000,
  });
  const file = join(systemd, 'ssh-lab-factory.service');
  const verified = await execa('systemd-analyze', ['verify', '--man=no', file], {
    all: true,
    timeout: 180_000,
  });
  expect(verified.all).toBe('');

  let port = 0;
  const alice = await Student.create('alice', join(folder.path, 'alice'), () => ({
    host: '127.0.0.1',
    port,
  }));
  await writeFile(join(etc, 'keys', 'alice.keys'), `${alice.publicKey}\n`);
  await using service = startService(new Unit(await readFile(file, 'utf8')));
  const typed = /ssh -p (\d+) alice@/;
  await service.shows(typed, 60_000);
  port = Number(typed.exec(service.output)?.[1]);
  expect(await alice.run('whoami')).toBe('lab');
  service.signal('SIGTERM');
  expect(await service.ended()).toEqual({ code: 0, signal: null });
});

/** What a reader of the page has on their machine, in a folder of its own. */
async function makeFolder() {
  const path = await makeRunFolder();
  const folder = {
    path,
    bin: join(path, 'bin'),
    etc: join(path, 'etc'),
    systemd: join(path, 'systemd'),
    data: join(path, 'data'),
    [Symbol.asyncDispose]: () => sweepFolder(path),
  };
  await mkdir(folder.bin);
  await mkdir(folder.systemd);
  // As systemd makes it.
  await mkdir(folder.data, { mode: 0o700 });
  await symlink(join(PROJECT, 'factory'), join(folder.bin, 'factory'));
  await writeFile(join(folder.bin, 'sudo'), SUDO);
  await chmod(join(folder.bin, 'sudo'), 0o755);
  return folder;
}
