import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { followPage } from './harness/follow-page.ts';
import { readPage } from './harness/literate-page.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { findSetUp, PROGRAM, PROJECT } from './harness/set-up.ts';
import { RUN_LABEL, sweepFolder } from './harness/sweeper.ts';
import { freePort } from './harness/taken-port.ts';

const PAGE = join(PROJECT, 'docs/write-your-first-lab.md');

const PORTS = ['2222', '8080', '8000', '8443', '6443'];

/** The image that the page builds, which a reader may have, too. */
const IMAGE = { inPage: 'hello-lab', here: `ssh-lab-factory-e2e/hello-lab:${process.pid}` };

test('a reader who does what the page says sees what it says', { timeout: 10 * 60_000 }, async () => {
  await using checkout = await makeCheckout();
  const ports = await Promise.all(PORTS.map(async (port) => [port, String(await freePort())] as const));
  const page = await readFile(PAGE, 'utf8');
  await followPage(page, {
    folder: checkout.folder,
    env: checkout.env,
    replace: new Map([...ports, [IMAGE.inPage, IMAGE.here]]),
    within: 180_000,
  });
  expect(readPage(page).length).toBeGreaterThan(20);
});

/** A folder with what the page takes for granted: ./factory, and what set-up found. */
async function makeCheckout() {
  const folder = await makeRunFolder();
  const tools = join(folder, 'bin');
  await mkdir(tools);
  await writeFile(join(folder, 'setup.json'), JSON.stringify(await findSetUp()));
  await writeFile(join(folder, 'ssh_config'), sshConfig(folder));
  await writeProgram(join(folder, 'factory'), factoryProgram(folder));
  await writeProgram(join(tools, 'ssh'), await sshProgram(folder));
  await writeProgram(join(tools, 'docker'), await dockerProgram(folder));
  // Where the sweeper looks for what a factory left.
  await symlink('class/data', join(folder, 'data'));
  return {
    folder,
    env: {
      PATH: `${tools}:${process.env.PATH ?? ''}`,
      FACTORY_SETUP: join(folder, 'setup.json'),
      SSH_AUTH_SOCK: '',
    },
    [Symbol.asyncDispose]: () => sweepFolder(folder),
  };
}

async function writeProgram(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
}

/** Signs the factory that it starts, so that the next run ends it if this one is killed. */
function factoryProgram(folder: string): readonly string[] {
  return [
    `[ "$1" != serve ] || printf '%s %s' $$ "$(cut -d ' ' -f 22 /proc/$$/stat)" >${join(folder, 'factory.pid')}`,
    `exec ${process.execPath} ${PROGRAM} "$@"`,
  ];
}

async function sshProgram(folder: string): Promise<readonly string[]> {
  return [`exec ${await pathOf('ssh')} -F ${join(folder, 'ssh_config')} "$@"`];
}

/** A person who says yes to the host's key, and nothing of this machine's own `~/.ssh`. */
function sshConfig(folder: string): string {
  return [
    'Host *',
    '  IdentitiesOnly yes',
    '  RequestTTY no',
    '  StrictHostKeyChecking accept-new',
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n');
}

/** Signs the images that are built: one that a later build took the name from is found as well. */
async function dockerProgram(folder: string): Promise<readonly string[]> {
  const docker = await pathOf('docker');
  return [
    `if [ "$1" = build ]; then shift; set -- build --label ${RUN_LABEL}=${basename(folder)} "$@"; fi`,
    `exec ${docker} "$@"`,
  ];
}

async function pathOf(program: string): Promise<string> {
  const { stdout } = await execa('sh', ['-c', `command -v ${program}`]);
  return stdout;
}
