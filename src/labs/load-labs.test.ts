import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANYTHING_ASSUMED } from '../config/lab-policy.ts';
import { DEFAULT_LIFECYCLE } from '../config/lifecycle-values.ts';
import { findLabs, loadLabs } from './load-labs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function writeLab(name: string, text: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'lab.yaml'), text);
}

function load(...folders: string[]) {
  return loadLabs({
    folders: folders.map((name) => join(folder, name)),
    lifecycle: DEFAULT_LIFECYCLE,
    workingFolder: folder,
    policy: ANYTHING_ASSUMED,
  });
}

const MiB = 1024 * 1024;

test('a lab that says little has defaults for the rest, and no cluster', async () => {
  await writeLab('plain', 'container: { image: lab:1 }\n');
  expect((await load('plain')).all()).toEqual([
    {
      name: 'plain',
      description: '',
      folder: join(folder, 'plain'),
      container: {
        image: 'lab:1',
        build: undefined,
        user: 'lab',
        root: 'sudo',
        env: {},
        files: [],
        home: 'kept',
        mounts: [],
        limits: { memory: 1024 * MiB, cpus: 1, pids: 512 },
        egress: 'open',
      },
      cluster: undefined,
      routes: { host: 'sample-user' },
      lifecycle: DEFAULT_LIFECYCLE,
      hooks: {},
      given: { values: {} },
    },
  ]);
});

test("a cluster in k3d's words", async () => {
  await writeLab(
    'k3s',
    `name: k3s
container: { image: "registry.example.org:5000/lab@sha256:${'0'.repeat(64)}", env: { LANG: C.UTF-8 } }
cluster:
  image: rancher/k3s:v1.35.0-k3s1
  agents: 2
  env: [{ envVar: "HTTP_PROXY=http://proxy:3128", nodeFilters: [all] }]
  options:
    k3s:
      extraArgs: [{ arg: --disable=metrics-server, nodeFilters: ["server:*"] }]
      nodeLabels: [{ label: zone=a, nodeFilters: ["agent:0,1"] }]
  limits: { memory: 768Mi, cpus: 0.5 }
  start_timeout: 5m
lifecycle: { grace: 10s, stop_after: never }
`,
  );
  const [lab] = (await load('.')).all();
  expect(lab?.cluster).toEqual({
    image: 'rancher/k3s:v1.35.0-k3s1',
    servers: 1,
    agents: 2,
    env: [{ envVar: 'HTTP_PROXY=http://proxy:3128', nodeFilters: ['all'] }],
    options: {
      k3s: {
        extraArgs: [{ arg: '--disable=metrics-server', nodeFilters: ['server:*'] }],
        nodeLabels: [{ label: 'zone=a', nodeFilters: ['agent:0,1'] }],
      },
    },
    limits: { memory: 768 * MiB, cpus: 0.5, pids: 4096 },
    startTimeout: 300_000,
  });
  expect(lab?.lifecycle).toEqual({ ...DEFAULT_LIFECYCLE, grace: 10_000, stopAfter: undefined });
});

test('a folder of labs holds those of its folders that have a lab.yaml, by name', async () => {
  await writeLab('labs/b', 'container: { image: lab }\n');
  await writeLab('labs/a', 'container: { image: lab }\n');
  await mkdir(join(folder, 'labs/shared'));
  expect((await load('labs')).all().map(({ name }) => name)).toEqual(['a', 'b']);
});

test.each([
  [1, 10],
  [3, 8],
  [5, 6],
])('a cluster of %i servers and %i agents', async (servers, agents) => {
  await writeLab('many', `container: { image: lab }\ncluster: { servers: ${servers}, agents: ${agents} }\n`);
  expect((await load('many')).all()[0]?.cluster).toMatchObject({ servers, agents });
});

describe('a mistake is reported with its place and key', () => {
  test.each([
    [
      'another name',
      'name: other\ncontainer: { image: lab }\n',
      /:1:7: name: must be the folder's name, "lab"/,
    ],
    ['no image', 'container: {}\n', /:1:12: container\.image: is missing/],
    ['no container', 'description: a\n', /:1:1: container: is missing/],
    [
      'an unknown key',
      'container: { image: lab, memory: 1Gi }\n',
      /:1:26: container\.memory: .*there are: image, build, user, root, env, files, home, mounts, limits, egress/,
    ],
    [
      'a number in env',
      'container: { image: lab, env: { A: 1 } }\n',
      /:1:36: container\.env\.A: must be text, not a number; put it in quotes/,
    ],
    [
      'a variable that is none',
      'container: { image: lab, env: { "A=B": x } }\n',
      /:1:33: container\.env\.A=B: is no name of an environment variable/,
    ],
    [
      'no cores',
      'container: { image: lab, limits: { cpus: 0 } }\n',
      /:1:42: container\.limits\.cpus: must be at least 0\.05/,
    ],
    [
      'half an agent',
      'container: { image: lab }\ncluster: { agents: 0.5 }\n',
      /:2:20: cluster\.agents: must be a whole number/,
    ],
    [
      'two servers',
      'container: { image: lab }\ncluster: { servers: 2 }\n',
      /:2:21: cluster\.servers: must be 1, 3 or 5$/,
    ],
    [
      'more nodes than addresses',
      'container: { image: lab }\ncluster:\n  servers: 3\n  agents: 9\n',
      /:4:11: cluster\.agents: must be at most 8 with 3 servers: there are addresses for 11 nodes$/,
    ],
    [
      'a filter for no node',
      'container: { image: lab }\ncluster: { env: [{ envVar: A=b, nodeFilters: [node] }] }\n',
      /:2:47: cluster\.env\[0\]\.nodeFilters\[0\]: must be a k3d node filter/,
    ],
    ['a cluster without a value', 'container: { image: lab }\ncluster:\n', /:2:9: cluster: has no value/],
    [
      'control characters for the terminal',
      'container: { image: lab }\ndescription: "\\e[2J"\n',
      /:2:14: description: must be one line/,
    ],
  ])('%s', async (_, text, expected) => {
    await writeLab('lab', text);
    const error: unknown = await load('lab').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'LAB_INVALID', message: expect.stringMatching(expected) });
    expect(String(error).split('\n')).toHaveLength(1);
  });

  test('a folder whose name is no lab name', async () => {
    await writeLab('My Lab', 'container: { image: lab }\n');
    await expect(load('My Lab')).rejects.toThrow(
      /^My Lab\/lab\.yaml:1:1: the folder's name "My Lab" is no lab name/,
    );
  });

  test('a folder that is not there', async () => {
    await expect(load('nowhere')).rejects.toThrow('nowhere: there is no such folder');
  });
});

test('a lab with mistakes still counts as there, so that one mistake is one message', async () => {
  await writeLab('lab', 'container: {}\n');
  expect(await findLabs(folder, ANYTHING_ASSUMED)).toMatchObject({
    names: ['lab'],
    problems: [{ key: 'container.image' }],
  });
});

test('everything that a container can have, in the terms of the factory', async () => {
  await writeLab(
    'all',
    `container:
  build: image
  user: student
  root: none
  home: fresh
  egress: none
  files:
    - { path: /etc/motd, content: "Hello\\n" }
    - { path: /home/student/notes.md, source: files/notes.md, mode: "0600", owner: student }
  mounts:
    - { source: /srv/data, target: /data }
    - { source: /srv/out, target: /out, read_only: false }
`,
  );
  await mkdir(join(folder, 'all/image'));
  await mkdir(join(folder, 'all/files'));
  await writeFile(join(folder, 'all/image/Dockerfile'), 'FROM scratch\n');
  await writeFile(join(folder, 'all/files/notes.md'), '');
  expect((await load('all')).all()[0]?.container).toMatchObject({
    image: 'ssh-lab-factory/lab-all',
    build: join(folder, 'all/image'),
    root: 'none',
    home: 'fresh',
    egress: 'none',
    files: [
      { path: '/etc/motd', content: { kind: 'text', text: 'Hello\n' }, mode: 0o644, owner: undefined },
      {
        path: '/home/student/notes.md',
        content: { kind: 'file', file: join(folder, 'all/files/notes.md') },
        mode: 0o600,
        owner: 'student',
      },
    ],
    mounts: [
      { source: '/srv/data', target: '/data', readOnly: true },
      { source: '/srv/out', target: '/out', readOnly: false },
    ],
  });
});

test('hooks, with their defaults', async () => {
  await writeLab(
    'calls',
    `container: { image: lab }
hooks:
  initialization: { url: "https://hooks.example.org/a?b=c", required: true, timeout: 20s, values: [seat] }
  cleanup: { url: "http://127.0.0.1:9000/", secret: whsec_abc, headers: { X-Course: k8s } }
`,
  );
  expect((await load('calls')).all()[0]?.hooks).toEqual({
    initialization: {
      url: 'https://hooks.example.org/a?b=c',
      secret: undefined,
      headers: {},
      timeout: 20_000,
      required: true,
    },
    cleanup: {
      url: 'http://127.0.0.1:9000/',
      secret: 'whsec_abc',
      headers: { 'X-Course': 'k8s' },
      timeout: 10_000,
      required: false,
    },
  });
});
