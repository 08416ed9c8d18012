import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { CHECKS } from '../../src/doctor/checks.ts';
import { LABEL } from '../../src/names/docker-names.ts';
import { makeChangedImage } from './harness/changed-image.ts';
import { containersWith, docker } from './harness/docker.ts';
import { type Examination, examine, runDoctor, typeRemedy } from './harness/doctor.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB, writeFactoryFiles } from './harness/factory-files.ts';
import type { FactoryOptions } from './harness/factory-options.ts';
import { KeyServer } from './harness/key-server.ts';
import { LiveProgram } from './harness/live-program.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { PROGRAM } from './harness/set-up.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { freePort, takePort } from './harness/taken-port.ts';

/** The files of a factory with a data folder that nobody has used yet. */
async function makeFolder(
  options: FactoryOptions = {},
): Promise<AsyncDisposable & { path: string; data: string; instance: string }> {
  const path = await makeRunFolder();
  await writeFactoryFiles(path, options);
  const data = join(path, 'data');
  // Of the test's own, so that what the doctor and the test make is found again.
  const instance = Math.random().toString(36).slice(2).padEnd(8, '0').slice(0, 8);
  await mkdir(join(data, 'ssh'), { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'instance-id'), `${instance}\n`);
  return { path, data, instance, [Symbol.asyncDispose]: () => sweepFolder(path) };
}

/** Nothing but `check` is wrong, and the program says so by its status. */
function expectWrongAlone(examination: Examination, check: string): void {
  expect(examination.findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([
    expect.objectContaining({ check }),
  ]);
  expect(examination.code).toBe(1);
}

function expectNothingWrong(examination: Examination): void {
  expect(examination.findings.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
  expect(examination.code).toBe(0);
}

test('with all in order: status 0, every check once, and nothing left behind', async () => {
  await using keyServer = await KeyServer.start();
  await using folder = await makeFolder({ github: keyServer.url });
  const examination = await examine(folder.path);
  expectNothingWrong(examination);
  expect(examination.findings.map(({ check }) => check)).toEqual(Object.keys(CHECKS));
  expect(examination.counts.right + examination.counts.doubtful).toBe(Object.keys(CHECKS).length);
  for (const check of [
    'engine',
    'privileged',
    'k3d',
    'images',
    'ports',
    'clock',
    'key-servers',
    'data-folder',
  ]) {
    expect(examination.finding(check)).toMatchObject({ verdict: 'right', remedy: [] });
  }
  expect(await containersWith(`${LABEL.instance}=${folder.instance}`)).toEqual([]);
});

test('for people: a line for each check, and one that counts', async () => {
  await using folder = await makeFolder();
  const { stdout, code } = await runDoctor(folder.path);
  expect(code).toBe(0);
  expect(stripVTControlCharacters(stdout)).toBe(stdout);
  expect(stdout.match(/^[✓!✗–] /gm)).toHaveLength(Object.keys(CHECKS).length);
  expect(stdout).toMatch(/\n\d+ right(, \d+ doubtful)?\.$/);
});

test('an invalid configuration: status 78 and its place, and nothing is looked at', async () => {
  await using folder = await makeFolder({ config: { domain: 'not a domain' } });
  const { code, stdout, stderr } = await runDoctor(folder.path, ['--json']);
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr).toMatch(/^factory\.yaml:1:/);
});

test('a port that another program has, and the same port free', async () => {
  const port = await freePort();
  await using folder = await makeFolder({ config: { web: { listen: `127.0.0.1:${port}` } } });
  {
    await using _taken = await takePort(port);
    const examination = await examine(folder.path);
    expectWrongAlone(examination, 'ports');
    expect(examination.finding('ports').text).toContain(
      `web.listen: another program listens on 127.0.0.1:${port}`,
    );
  }
  expectNothingWrong(await examine(folder.path));
});

test('ports and workspaces of a factory that runs are its own; when it has ended, its port may be taken', async () => {
  const [ssh, http] = [await freePort(), await freePort()];
  await using factory = await Factory.start({
    labs: { plain: PLAIN_LAB },
    config: {
      ssh: { listen: `127.0.0.1:${ssh}` },
      routes: { http: `127.0.0.1:${http}`, https: '127.0.0.1:0', kube: '127.0.0.1:0' },
    },
  });
  const alice = await factory.student('alice');
  await alice.run('true');
  const atWork = await examine(factory.folder);
  expectNothingWrong(atWork);
  expect(atWork.finding('leftovers')).toMatchObject({ verdict: 'right', text: 'none beside 1 workspace' });
  await factory.kill();
  await using _taken = await takePort(ssh);
  const examination = await examine(factory.folder);
  expectWrongAlone(examination, 'ports');
  // Traefik goes on serving, and its port is this factory's still.
  expect(examination.finding('ports').text).not.toContain(String(http));
});

test('a data folder that everybody can write and a key that everybody can read, until the remedy is typed', async () => {
  await using folder = await makeFolder();
  const key = join(folder.data, 'ssh', 'host_ed25519_key');
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  expectNothingWrong(await examine(folder.path));
  for (const [path, mode, alsoWrong] of [
    [folder.data, 0o777, []],
    // Nothing is read from it then, as at a start.
    [key, 0o644, ['host-keys']],
  ] as const) {
    await chmod(path, mode);
    const broken = await examine(folder.path);
    const allWrong = broken.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check);
    expect(allWrong.toSorted()).toEqual(['data-folder', ...alsoWrong]);
    expect(broken.code).toBe(1);
    expect(broken.finding('data-folder').text).toContain(path);
    await typeRemedy(broken.finding('data-folder').remedy);
    expect((await examine(folder.path)).finding('data-folder').verdict).toBe('right');
  }
});

test('key files that everybody can write, until the remedy is typed', async () => {
  await using folder = await makeFolder();
  const file = join(folder.path, 'keys', "o'brien s.keys");
  await writeFile(file, '');
  expect((await examine(folder.path)).finding('key-files').verdict).toBe('right');
  await chmod(file, 0o666);
  const broken = await examine(folder.path);
  expectWrongAlone(broken, 'key-files');
  await typeRemedy(broken.finding('key-files').remedy);
  expectNothingWrong(await examine(folder.path));
});

test("a range that is another Docker network's", async () => {
  await using folder = await makeFolder({ clusters: { subnets: '10.87.0.0/16' } });
  expect((await examine(folder.path)).finding('subnets').verdict).toBe('right');
  const name = `somebody-elses-${folder.instance}`;
  // The label is for the sweep alone; whose a network is makes no difference.
  const label = `${LABEL.instance}=${folder.instance}`;
  await docker(['network', 'create', '--subnet', '10.87.0.0/16', '--label', label, name]);
  const examination = await examine(folder.path);
  expectWrongAlone(examination, 'subnets');
  expect(examination.finding('subnets').text).toContain(`the Docker network ${name} (10.87.0.0/16)`);
});

test('an image that is nowhere', async () => {
  const image = 'localhost:1/nowhere:1';
  await using folder = await makeFolder({
    labs: { k3s: { ...CLUSTER_LAB, container: { image, user: 'lab' } } },
  });
  const examination = await examine(folder.path);
  expectWrongAlone(examination, 'images');
  expect(examination.finding('images').text).toContain(image);
});

test('k3d that is nowhere', async () => {
  await using folder = await makeFolder();
  const file = join(folder.path, 'setup.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), k3d: '/nowhere/k3d' }));
  expectWrongAlone(await examine(folder.path), 'k3d');
});

test('less free space than is asked for', async () => {
  await using folder = await makeFolder({ clusters: { min_free_disk: '999999Ti' } });
  expectWrongAlone(await examine(folder.path), 'disk');
});

test('no engine: what needs one is not looked at and not counted as right', async () => {
  await using folder = await makeFolder();
  const examination = await examine(folder.path, { DOCKER_HOST: 'tcp://127.0.0.1:1' });
  expectWrongAlone(examination, 'engine');
  expect(examination.finding('engine').remedy.join()).toContain('unset DOCKER_HOST');
  const skipped = examination.findings.filter(({ verdict }) => verdict === 'skipped');
  expect(skipped.map(({ check }) => check)).toEqual(
    Object.entries(CHECKS).flatMap(([name, { needs }]) => (needs === 'engine' ? [name] : [])),
  );
  for (const { text } of skipped) expect(text).toBe('not looked at, because no Docker engine answers');
  expect(examination.counts.skipped).toBe(skipped.length);
  expect(examination.finding('key-files').verdict).toBe('right');
});

test('a key server that answers with an error, and one that is not there', async () => {
  const keyServer = await KeyServer.start();
  await using folder = await makeFolder({ github: keyServer.url });
  expect((await examine(folder.path)).finding('key-servers').verdict).toBe('right');
  keyServer.break();
  expectWrongAlone(await examine(folder.path), 'key-servers');
  await keyServer[Symbol.asyncDispose]();
  expectWrongAlone(await examine(folder.path), 'key-servers');
});

test('a key server whose clock is an hour ahead', async () => {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    response.writeHead(404).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    await using folder = await makeFolder({ github: `http://127.0.0.1:${port}` });
    const examination = await examine(folder.path);
    expectWrongAlone(examination, 'clock');
    // By how much the answer is ahead when it is read.
    expect(examination.finding('clock').text).toMatch(/\b(?:5\d|60) min behind/);
  } finally {
    server.close();
  }
});

test('a home that nobody uses is doubtful, until the remedy is typed', async () => {
  await using folder = await makeFolder();
  const labels = [
    `${LABEL.instance}=${folder.instance}`,
    `${LABEL.role}=home`,
    `${LABEL.user}=bob`,
    `${LABEL.lab}=k3s`,
  ];
  await docker([
    'volume',
    'create',
    ...labels.flatMap((label) => ['--label', label]),
    `home-${folder.instance}`,
  ]);
  const examination = await examine(folder.path);
  expectNothingWrong(examination);
  expect(examination.finding('leftovers')).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('the home of bob/k3s'),
  });
  // As its remedy says, which asks; a script has to say yes.
  expect(examination.finding('leftovers').remedy[0]).toMatch(/^\.\/factory gc --homes( |$)/);
  expect(await runFactory(folder.path, ['gc', '--homes', '--yes'])).toMatchObject({ code: 0 });
  expect((await examine(folder.path)).finding('leftovers').verdict).toBe('right');
});

/** With a node image whose `mount` is a script. */
async function makeFolderWithMount(script: string): ReturnType<typeof makeFolder> {
  const image = `ssh-lab-factory-e2e:${randomUUID()}`;
  const folder = await makeFolder({ config: { images: { node: image } } });
  await makeChangedImage({ image, instance: folder.instance, program: 'mount', script });
  return folder;
}

test('privileged containers that may do no more than others', async () => {
  await using folder = await makeFolderWithMount('#!/bin/sh\necho "mount: permission denied" >&2\nexit 1\n');
  const examination = await examine(folder.path);
  expectWrongAlone(examination, 'privileged');
  expect(examination.finding('privileged').text).toContain('mount: permission denied');
  expect(await containersWith(`${LABEL.instance}=${folder.instance}`)).toEqual([]);
});

test('^C while its container runs: it says what takes long, removes it, and ends', async () => {
  await using folder = await makeFolderWithMount('#!/bin/sh\nsleep 1000\n');
  await using doctor = new LiveProgram(process.execPath, [PROGRAM, 'doctor', '--config', 'factory.yaml'], {
    cwd: folder.path,
    env: { FACTORY_SETUP: join(folder.path, 'setup.json') },
  });
  const running = () => containersWith(`${LABEL.instance}=${folder.instance}`, `${LABEL.role}=doctor`);
  await eventually(async () => (await running()).some(({ State }) => State.Status === 'running'), {
    what: 'the privileged container runs',
  });
  await doctor.shows('still looking at privileged');
  doctor.signal('SIGINT');
  expect(await doctor.ended()).toEqual({ code: 130, signal: null });
  expect(await running()).toEqual([]);
});

test('a reader that goes away ends it in good order', async () => {
  await using folder = await makeFolderWithMount('#!/bin/sh\nsleep 1000\n');
  const program = `"$1" "$2" doctor --config factory.yaml | head -1; echo "status \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await execa(
    'bash',
    ['--norc', '-c', program, 'bash', process.execPath, PROGRAM],
    {
      cwd: folder.path,
      env: { FACTORY_SETUP: join(folder.path, 'setup.json') },
      timeout: 90_000,
    },
  );
  expect(stdout).toMatch(/^✓ node-version .*\nstatus \d+$/);
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  expect(await containersWith(`${LABEL.instance}=${folder.instance}`)).toEqual([]);
});
