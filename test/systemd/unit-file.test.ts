import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unitFile } from '../../src/cli/systemd/unit-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unit-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What systemd has to say of a unit: '' where it would run it as it stands. */
async function complaints(unit: string): Promise<string> {
  const file = join(folder, 'ssh-lab-factory.service');
  await writeFile(file, unit);
  const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', file], {
    all: true,
    reject: false,
    timeout: 60_000,
  });
  return exitCode === 0 ? all : `exit ${exitCode}: ${all}`;
}

/** A unit whose every path lies in a folder of this name, which has what a unit must find. */
async function unitIn(name: string, data = join(folder, name, 'data')): Promise<string> {
  const root = join(folder, name);
  await mkdir(root);
  await writeFile(join(root, 'node'), '');
  await chmod(join(root, 'node'), 0o755);
  return unitFile({
    user: 'factory',
    node: join(root, 'node'),
    root,
    config: join(root, 'factory.yaml'),
    workingFolder: root,
    setupFile: join(root, 'setup.json'),
    dockerHost: 'unix:///run/docker.sock',
    data,
    shutdownTimeout: 5_000,
    role: undefined,
    sharedFolder: undefined,
  });
}

test.each(['plain', 'with blanks', '50%i', '$HOME'])(
  'systemd takes a unit in a folder "%s"',
  async (name) => {
    expect(await complaints(await unitIn(name))).toBe('');
  },
);

test('and one whose data folder it makes', async () => {
  expect(await complaints(await unitIn('plain', '/var/lib/my data/of 100%'))).toBe('');
});

test('it would say if it did not', async () => {
  const unit = await unitIn('plain');
  expect(await complaints(unit.replace('plain/node', 'plain/nodes'))).toContain('is not executable');
  expect(await complaints(unit.replace('KillMode=', 'KilMode='))).toContain("Unknown key 'KilMode'");
  expect(await complaints(unit.replace('Restart=on-failure', 'Restart=sometimes'))).toContain('sometimes');
});
