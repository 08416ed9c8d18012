import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileDefinition } from '../../src/labs/lab-definition.ts';
import type { GivenFile } from '../../src/workspaces/ports/hooks.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, type RuntimeFixture, workspaceKey } from './lab-fixture.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(2 * MINUTE);
let fixture: RuntimeFixture;
const folder = mkdtempSync(join(tmpdir(), 'lab-files-'));

beforeAll(async () => {
  fixture = createFixture();
  await mkdir(join(folder, 'lab'));
  await writeFile(join(folder, 'lab/notes.md'), 'read me\n');
  await writeFile(join(folder, 'secret'), 'not of the lab');
  await writeFile(join(folder, 'lab/large'), '');
  await truncate(join(folder, 'lab/large'), 2 ** 20 + 1);
  await symlink('../secret', join(folder, 'lab/link'));
  await symlink('notes.md', join(folder, 'lab/own-link'));
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 3 * MINUTE);

const text = (path: string, content: string, more: Partial<FileDefinition> = {}): FileDefinition => ({
  path,
  content: { kind: 'text', text: content },
  mode: 0o644,
  owner: undefined,
  ...more,
});
const fromFile = (path: string, name: string): FileDefinition => ({
  ...text(path, ''),
  content: { kind: 'file', file: join(folder, 'lab', name) },
});
const labWith = (...files: FileDefinition[]) => ({ ...debianLab({ files }), folder: join(folder, 'lab') });
const STAT = 'stat -c "%n %U:%G %a"';

describe('files of a lab', { timeout: 5 * MINUTE }, () => {
  test('are there before the first session, whose they should be; one that a student changed stays, one elsewhere comes anew', async () => {
    const { runtime, innerKey } = fixture;
    const key = workspaceKey('alice');
    const lab = labWith(
      fromFile('/home/lab/new/er/notes.md', 'own-link'),
      text('/home/lab/.bashrc', '# of the lab\n', { mode: 0o600 }),
      text('/home/lab/roots', 'x', { owner: 'root' }),
      text('/opt/a/b/tool', '#!/bin/sh\necho tool\n', { mode: 0o4755 }),
      text('/srv/mine', 'y', { owner: 'lab' }),
      text('/etc/motd', 'of the lab\n'),
    );
    await runtime.create(key, lab, anyProgress, signal());
    {
      using inside = await connectInside(runtime, key, innerKey);
      const places =
        '/home/lab/new /home/lab/new/er/notes.md /home/lab/.bashrc /home/lab/roots /opt/a/b /opt/a/b/tool /srv/mine';
      expect((await inside.run(`${STAT} ${places}; cat ~/new/er/notes.md ~/.bashrc /etc/motd`)).stdout).toBe(
        [
          '/home/lab/new lab:lab 755',
          '/home/lab/new/er/notes.md lab:lab 644',
          '/home/lab/.bashrc lab:lab 600',
          '/home/lab/roots root:root 644',
          '/opt/a/b root:root 755',
          '/opt/a/b/tool root:root 4755',
          '/srv/mine lab:lab 644',
          'read me\n# of the lab\nof the lab\n',
        ].join('\n'),
      );
      await inside.run('echo own >~/.bashrc; rm ~/roots; sudo sh -c "echo changed >/etc/motd"');
    }
    await runtime.remove(key, signal());
    await runtime.create(key, lab, anyProgress, signal());
    using inside = await connectInside(runtime, key, innerKey);
    expect((await inside.run('cat ~/.bashrc /etc/motd ~/roots')).stdout).toBe('own\nof the lab\nx');
  });

  test('do not follow a link that a student left in the home, into the system or up to the host', async () => {
    const { runtime, innerKey } = fixture;
    const key = workspaceKey('bob');
    await runtime.create(key, labWith(), anyProgress, signal());
    {
      using inside = await connectInside(runtime, key, innerKey);
      await inside.run(`ln -s /etc out; ln -s ../../../..${folder} up; mkdir in; ln -s in also; mkfifo pipe`);
    }
    await runtime.remove(key, signal());
    const lab = labWith(
      text('/home/lab/out/planted', 'x'),
      text('/home/lab/up/planted', 'x'),
      text('/home/lab/also/placed', 'x'),
      text('/home/lab/pipe', 'x'),
    );
    await runtime.create(key, lab, anyProgress, signal());
    using inside = await connectInside(runtime, key, innerKey);
    const { stdout } = await inside.run(`ls /etc/planted ${folder}/planted in/placed; stat -c %F pipe`);
    expect(stdout).toBe('in/placed\nfifo\n');
    expect((await readdir(folder)).toSorted()).toEqual(['lab', 'secret']);
  });

  test.each([
    ['by a link of elsewhere', fromFile('/x', 'link'), /outside/],
    ['too large', fromFile('/x', 'large'), /1 MiB/],
    ['not there', fromFile('/x', 'missing'), /can't be read/],
    ['a folder', fromFile('/x', '.'), /outside/],
    ["the factory's", text('/etc/ssh-lab-factory/authorized_keys', 'x'), /factory's own/],
    ['on a detour', text('/etc/x/../ssh-lab-factory/host_key', 'x'), /detours/],
    ["nobody's", text('/x', 'x', { owner: 'nobody-here' }), /nobody-here/],
  ])('%s: the lab is refused, and nothing is left', async (_what, file, message) => {
    const { runtime } = fixture;
    const key = workspaceKey('carol');
    await expect(runtime.create(key, labWith(file), anyProgress, signal())).rejects.toMatchObject({
      code: 'LAB_INVALID',
      message: expect.stringMatching(message),
    });
    expect(await runtime.observe(key, signal())).toBe('absent');
  });
});

describe('files of a hook', { timeout: 5 * MINUTE }, () => {
  const key = workspaceKey('dora');
  const given = (path: string, content = 'x', more: Partial<GivenFile> = {}): GivenFile => ({
    path,
    content: Buffer.from(content),
    mode: 0o640,
    owner: undefined,
    ...more,
  });
  const put = (id: string, ...files: GivenFile[]) => fixture.runtime.putFiles(key, id, files, signal());
  const lab = debianLab({ mounts: [{ source: join(folder, 'lab'), target: '/mnt', readOnly: true }] });
  beforeAll(() => fixture.runtime.create(key, lab, anyProgress, signal()), 3 * MINUTE);

  test('come once for each id in the life of a container, over what was there', async () => {
    const { runtime, innerKey } = fixture;
    using inside = await connectInside(runtime, key, innerKey);
    await put('first', given('/home/lab/a/task', 'one'), given('/opt/token', 'two', { mode: 0o600 }));
    expect((await inside.run(`${STAT} a a/task /opt/token; cat a/task`)).stdout).toBe(
      'a lab:lab 755\na/task lab:lab 640\n/opt/token root:root 600\none',
    );
    await inside.run('echo mine >a/task');
    await put('first', given('/home/lab/a/task', 'one'));
    expect((await inside.run('cat a/task')).stdout).toBe('mine\n');
    await put('second', given('/home/lab/a/task', 'three'));
    await put('first', given('/home/lab/a/task', 'one'));
    expect((await inside.run('cat a/task')).stdout).toBe('three');
    await inside.run('sudo rm /etc/ssh-lab-factory/configuration-*');
    await put('second', given('/home/lab/a/task', 'three again'));
    expect((await inside.run('cat a/task')).stdout).toBe('three again');
  });

  test.each([
    ['a factory file', given('/etc/ssh-lab-factory/configuration-1'), 'HOOK_FAILED'],
    ["nobody's", given('/x', 'x', { owner: 'nobody-here' }), 'HOOK_FAILED'],
    ['a detour', given('/a/../etc/passwd'), 'HOOK_FAILED'],
    ['a link out of the home', given('/home/lab/out/x'), 'HOOK_FAILED'],
    ['below a pipe', given('/home/lab/pipe/x'), 'CONTAINER_FAILED'],
    ['below a file', given('/home/lab/file/x'), 'CONTAINER_FAILED'],
    ['over a folder', given('/home/lab/folder'), 'CONTAINER_FAILED'],
    ['what can not be written to', given('/mnt/notes.md'), 'CONTAINER_FAILED'],
    ['8 MiB below a file', given('/home/lab/file/x', 'x'.repeat(8 * 2 ** 20)), 'CONTAINER_FAILED'],
    ['more than 8 MiB', given('/x', 'x'.repeat(8 * 2 ** 20 + 1)), 'HOOK_FAILED'],
  ] as const)('%s: an error, and nothing hangs', async (what, file, code) => {
    const { runtime, innerKey } = fixture;
    using inside = await connectInside(runtime, key, innerKey);
    await inside.run('ln -sfn /etc out; [ -p pipe ] || mkfifo pipe; touch file; mkdir -p folder/full');
    // What hangs ends with the signal, which has no code.
    await expect(put(`hostile: ${what}`, file)).rejects.toMatchObject({ code });
    expect((await inside.run('ls /etc/x; ls -d folder/full')).stdout).toBe('folder/full\n');
  });

  test('a pipe in the place of a file is replaced, and nobody waits for it', async () => {
    using inside = await connectInside(fixture.runtime, key, fixture.innerKey);
    await inside.run('[ -p pipe ] || mkfifo pipe; sudo rm -f /etc/passwd.was; sudo ln -sfn loop /loop');
    await put('pipe', given('/home/lab/pipe', 'a file now'));
    expect((await inside.run('cat pipe')).stdout).toBe('a file now');
    await expect(put('loop', given('/loop/x'))).rejects.toMatchObject({ code: 'CONTAINER_FAILED' });
    await inside.run('sudo mv /etc/passwd /etc/passwd.was; sudo mkfifo /etc/passwd');
    await expect(put('passwd', given('/home/lab/y'))).rejects.toMatchObject({ code: 'HOOK_FAILED' });
    await inside.run('sudo rm /etc/passwd; sudo mv /etc/passwd.was /etc/passwd');
  });

  test('nothing of it came to the host', async () => {
    expect((await readdir(folder)).toSorted()).toEqual(['lab', 'secret']);
    expect(await readFile(join(folder, 'lab/notes.md'), 'utf8')).toBe('read me\n');
  });

  test('a container that does not run takes none', async () => {
    await fixture.runtime.stop(key, signal());
    await expect(put('stopped', given('/x'))).rejects.toMatchObject({ code: 'CONTAINER_FAILED' });
  });
});
