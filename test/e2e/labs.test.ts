import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB, writeFactoryFiles, writeLab } from './harness/factory-files.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { LAB_IMAGE } from './harness/set-up.ts';
import type { Student } from './harness/student.ts';
import { RUN_LABEL, sweepFolder } from './harness/sweeper.ts';
import { Workspace } from './harness/workspace.ts';

const SECRET = 's3cr3t-0815';

const addressSchema = z.object({ port: z.number() });

describe('what a lab.yaml promises, in a factory that runs', () => {
  const stack = new AsyncDisposableStack();
  /** Of labs with more than a `lab.yaml`, and of what is mounted. */
  let folder: string;
  let factory: Factory;
  let alice: Student;

  beforeAll(async () => {
    folder = await makeRunFolder();
    stack.defer(() => sweepFolder(folder));
    const data = join(folder, 'data');
    await mkdir(data);
    for (const name of ['table', 'answers']) {
      await writeFile(join(data, name), 'of the course\n');
      await chmod(join(data, name), 0o666);
    }
    await writeBuiltLab(folder);
    factory = stack.use(
      await Factory.start({
        labs: { open: openLab(data) },
        groups: [{ name: 'class-a', members: ['alice'], labs: ['open', 'closed'], default_lab: 'open' }],
        config: {
          labs: ['./labs', join(folder, 'labs')],
          secrets: { token: { env: 'COURSE_TOKEN', labs: ['open'] } },
          mounts: [{ source: data, write: true }],
          log: { level: 'trace' },
        },
        env: { COURSE_TOKEN: SECRET },
      }),
    );
    alice = await factory.student('alice');
    for (const login of ['alice/open', 'alice/closed']) stack.use(await alice.hold({ login }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const inClosed = { login: 'alice/closed' };

  test('env: who it is, of what groups, and from where this session comes', async () => {
    const look = 'echo "$WHO"; echo "$FROM"';
    const [first, second] = [await alice.run(look), await alice.run(look)];
    for (const said of [first, second])
      expect(said).toMatch(/^alice, a student of class-a\n127\.0\.0\.1:\d+$/);
    expect(second).not.toBe(first);
    expect(await alice.run('echo "$WHO$FROM"', inClosed)).toBe('');
  });

  test('files: with the secret, the mode and the owner; one of the home stays as it was made by a reset', async () => {
    const look = 'stat -c "%a %U" ~/token /etc/where; cat ~/token /etc/where';
    const whole = `600 lab\n644 root\ntoken ${SECRET}\nopen.alice.lab.test`;
    expect(await alice.run(look)).toBe(whole);
    expect(await alice.run('echo changed >~/token; cat ~/token')).toBe('changed');
    await alice.run('touch /tmp/old');
    await alice.run('@reset --yes container');
    expect(await alice.run('cat ~/token; cat /etc/where; ls /tmp')).toBe('changed\nopen.alice.lab.test');
  });

  test('home: one that is fresh is made anew by a reset', async () => {
    await alice.run('echo mine >~/mine; cat ~/mine', inClosed);
    await alice.run('@reset --yes container', inClosed);
    expect((await alice.exec('cat ~/mine', inClosed)).exitCode).toBe(1);
  });

  test('root and build: none becomes root in the one; in the other, which was built here, sudo does', async () => {
    const refused = await alice.exec('sudo -n id -u');
    expect(refused).toMatchObject({ stdout: '' });
    expect(refused.exitCode).not.toBe(0);
    expect(await alice.run('sudo -n id -u; cat /built', inClosed)).toBe('0\nin the lab');
  });

  test('mounts: they can be read, and written where the lab says so', async () => {
    const { stdout, stderr, exitCode } = await alice.exec('cat /data/table; echo more >>/data/table');
    expect({ stdout, exitCode }).toEqual({ stdout: 'of the course\n', exitCode: 1 });
    expect(stderr).toContain('Read-only file system');
    expect(await alice.run('echo more >>/answers; cat /answers')).toBe('of the course\nmore');
  });

  test('egress: from none nothing is reached, not even the host; from the other it is', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('reached'));
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = addressSchema.parse(server.address());
    const gatewayOf = async (lab: string) => {
      const { NetworkSettings } = await new Workspace(factory, 'alice', lab).labContainer();
      return Object.values(NetworkSettings.Networks).map(({ Gateway }) => Gateway);
    };
    const [gateway = ''] = await gatewayOf('open');
    const reach = (seconds: number) => `timeout ${seconds} bash -c 'cat </dev/tcp/${gateway}/${port}'`;
    expect(await alice.run(reach(30))).toBe('reached');
    const walled = await alice.exec(reach(5), inClosed);
    expect(walled.stdout).toBe('');
    expect(walled.exitCode).not.toBe(0);
    server.close();
  });

  test('no line of the log has the secret', async () => {
    const logs = join(factory.folder, 'data/logs');
    const files = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')));
    for (const text of [...files, factory.log]) expect(text).not.toContain(SECRET);
    // Where it would be.
    expect(files.join('')).toContain('"to":"http://127.0.0.1:9/');
  });

  test('a mount that is not allowed is a mistake at its line; one that is allowed is none', async () => {
    const lab = {
      ...PLAIN_LAB,
      container: { image: LAB_IMAGE, mounts: [{ source: '/srv/x', target: '/x' }] },
    };
    await writeFactoryFiles(folder, { labs: { mounting: lab } });
    const refused = await runFactory(folder, ['config', 'check']);
    const lines = (await readFile(join(folder, 'labs/mounting/lab.yaml'), 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.includes('/srv/x')) + 1;
    expect(refused.code).toBe(78);
    expect(refused.stdout + refused.stderr).toMatch(
      new RegExp(`labs/mounting/lab\\.yaml:${line}:\\d+: container\\.mounts`),
    );
    const mounts = [{ source: '/srv' }];
    await writeFactoryFiles(folder, { labs: { mounting: lab }, config: { mounts } });
    expect(await runFactory(folder, ['config', 'check'])).toMatchObject({ code: 0 });
  });
});

function openLab(data: string) {
  return {
    container: {
      image: LAB_IMAGE,
      root: 'none',
      env: {
        WHO: '{{ username }}, a {{ role }} of {{ groups | join: "," }}',
        FROM: '{{ session.client_address }}',
      },
      files: [
        { path: '/home/lab/token', content: 'token {{ secrets.token }}\n', mode: '0600' },
        { path: '/etc/where', content: '{{ host }}\n' },
      ],
      mounts: [
        { source: data, target: '/data' },
        { source: join(data, 'answers'), target: '/answers', read_only: false },
      ],
    },
    routes: { host: 'open.{{ username }}' },
    // It goes nowhere, and the log tells the path of where that is.
    hooks: { session_start: { url: 'http://127.0.0.1:9/{{ secrets.token }}' } },
  };
}

/** The lab `closed`, whose image is built from a folder beside its `lab.yaml`, and swept with this one. */
async function writeBuiltLab(folder: string): Promise<void> {
  const image = `ssh-lab-factory-e2e/closed-${randomBytes(4).toString('hex')}`;
  await writeLab(folder, 'closed', {
    container: { build: 'image', image, home: 'fresh', egress: 'none' },
  });
  const context = join(folder, 'labs/closed/image');
  await mkdir(context);
  const label = `LABEL ${RUN_LABEL}=${basename(folder)}`;
  await writeFile(
    join(context, 'Dockerfile'),
    `FROM ssh-lab-factory/lab-debian\n${label}\nRUN echo in the lab >/built\n`,
  );
}
