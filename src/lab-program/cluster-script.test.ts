import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import { createLabDoor } from '../lab-door/lab-door.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { DOOR_FOLDER } from '../runtime/docker/sessions/sshd-config.ts';
import { systemClock } from '../time/clock.ts';
import { clusterProgramFiles, PROGRAM_PATH } from './lab-program.ts';

const SHELLS = [['dash'], ['bash'], ['busybox', 'ash']] as const;
const TRANSPORTS = ['curl', 'perl'] as const;

/** What the script runs besides its transport. */
const TOOLS = ['cat', 'rm', 'env', 'head'];

const refused = async () => {
  throw new Error('not in this test');
};

/** The script with a folder for sockets of its own, and folders that have one transport each. */
class Lab implements AsyncDisposable {
  readonly folder: string;
  readonly #servers: Server[] = [];
  readonly #doors: AsyncDisposable[] = [];
  #run: RunClusterCommand = async () => 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Lab> {
    const lab = new Lab(await mkdtemp(join(tmpdir(), 'cluster-script-')));
    const script = (await clusterProgramFiles()).find(({ path }) => path === PROGRAM_PATH);
    await writeFile(join(lab.folder, 'cluster'), (script?.text ?? '').replaceAll(DOOR_FOLDER, lab.sockets));
    await mkdir(lab.sockets);
    for (const transport of [...TRANSPORTS, 'none']) {
      const bin = join(lab.folder, transport);
      await mkdir(bin);
      for (const tool of [...TOOLS, transport]) {
        const { stdout } = await execa('which', [tool], { reject: false });
        if (stdout) await symlink(stdout, join(bin, tool));
      }
    }
    return lab;
  }

  get sockets(): string {
    return join(this.folder, 'run');
  }

  answerWith(run: RunClusterCommand): void {
    this.#run = run;
  }

  /** A socket behind which the door is. */
  async listen(name: string): Promise<void> {
    const key = parseWorkspaceKey('alice', 'k3s');
    if (key === undefined) throw new Error('not a workspace');
    const door = await createLabDoor({
      folder: DOOR_FOLDER,
      run: (workspace, args, io) => this.#run(workspace, args, io),
      issuer: { issue: refused },
      verifier: { verify: refused },
      addApi: () => {},
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    });
    const server = createServer((socket) => door.connect(key, socket));
    await new Promise<void>((resolve) => server.listen(join(this.sockets, name), resolve));
    this.#servers.push(server);
    this.#doors.push({ [Symbol.asyncDispose]: () => door.close() });
  }

  /** A socket that a process left that is gone. */
  async leave(name: string): Promise<void> {
    const program = `require('net').createServer().listen(${JSON.stringify(join(this.sockets, name))}, () => process.kill(process.pid, 'SIGKILL'))`;
    await execa(process.execPath, ['-e', program], { reject: false });
  }

  exec(shell: readonly string[], transport: string, args: readonly string[]) {
    const [file = 'sh', ...more] = shell;
    return execa(file, [...more, join(this.folder, 'cluster'), ...args], {
      reject: false,
      timeout: 20_000,
      extendEnv: false,
      env: { PATH: join(this.folder, transport) },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const door of this.#doors) await door[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const isHere = async ([file]: readonly string[]) =>
  (await execa('which', [file ?? ''], { reject: false })).exitCode === 0;
const shells: (readonly string[])[] = [];
for (const shell of SHELLS) if (await isHere(shell)) shells.push((await which(shell)) ?? shell);

/** With the path of the shell, as the script's own PATH has none. */
async function which([file = '', ...more]: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa('which', [file]);
  return [stdout, ...more];
}

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.create();
  await lab.listen('0123456789abcdef.sock');
});
afterAll(() => lab[Symbol.asyncDispose]());

describe.each(shells.flatMap((shell) => TRANSPORTS.map((transport) => ({ shell, transport }))))(
  'under $shell with $transport',
  ({ shell, transport }) => {
    test('words arrive as they were typed', async () => {
      const words = [
        'status',
        '',
        'a b  c',
        'line\nbreak\n',
        '"quoted" \'too\'',
        '$(touch /tmp/x) `id` ; & | > < * ?',
        '\\n\\0\\\\',
        '%s%n',
        '-n',
        '--',
        '@file',
        'ünïcödé 🚀',
        'a=b&c',
        '\t',
      ];
      let came: readonly string[] = [];
      lab.answerWith(async (_, args) => {
        came = args;
        return 0;
      });
      expect((await lab.exec(shell, transport, words)).exitCode).toBe(0);
      expect(came).toEqual(words);
      expect((await lab.exec(shell, transport, [])).exitCode).toBe(0);
      expect(came).toEqual([]);
    });

    test('lines go to the output that they are for, as they are, and the status is that of the command', async () => {
      const text = '  two spaces\n\\n stays\n%s\n\n-n\nüñ';
      for (const status of [0, 1, 2, 3, 130]) {
        lab.answerWith(async (_, _args, { print, note }) => {
          print(text);
          note('about it');
          return status;
        });
        const { stdout, stderr, exitCode } = await lab.exec(shell, transport, ['status']);
        expect({ stdout, stderr, exitCode }).toEqual({ stdout: text, stderr: 'about it', exitCode: status });
      }
    });

    test('lines are printed as they come, and a killed program ends the command', async () => {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      lab.answerWith(async (_key, _args, { print, signal }) => {
        print('begun');
        await once(signal, 'abort');
        resolve();
        return 130;
      });
      const [file = 'sh', ...more] = shell;
      const child = spawn(file, [...more, join(lab.folder, 'cluster'), 'start'], {
        env: { PATH: join(lab.folder, transport) },
        detached: true,
      });
      const [chunk] = await once(child.stdout, 'data');
      expect(String(chunk)).toBe('begun\n');
      if (child.pid === undefined) throw new Error('not spawned');
      // As a terminal does it for ^C: to the whole group.
      process.kill(-child.pid, 'SIGINT');
      await Promise.all([ended, once(child, 'close')]);
    });
  },
);

describe.each(TRANSPORTS)('with %s', (transport) => {
  const [shell = ['sh']] = shells;

  test('a socket that nobody listens at is removed, and the next one is asked', async () => {
    await using other = await Lab.create();
    await other.leave('0000000000000000.sock');
    await other.listen('1111111111111111.sock');
    other.answerWith(async (_, args) => args.length);
    expect((await other.exec(shell, transport, ['a', 'b'])).exitCode).toBe(2);
    expect(await readdir(other.sockets)).toEqual(['1111111111111111.sock']);
  });

  test('one that hangs up without a word is passed over, and one that breaks off is said so', async () => {
    await using other = await Lab.create();
    const silent = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(join(other.sockets, '0.sock'), resolve));
    await other.listen('1.sock');
    other.answerWith(async () => 3);
    expect((await other.exec(shell, transport, [])).exitCode).toBe(3);
    await new Promise((resolve) => silent.close(resolve));

    const breaking = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ns\no half\n'));
    });
    await new Promise<void>((resolve) => breaking.listen(join(other.sockets, '0.sock'), resolve));
    expect(await other.exec(shell, transport, [])).toMatchObject({
      exitCode: 1,
      stdout: 'half',
      stderr: expect.stringContaining('connection to the factory was lost'),
    });
    await new Promise((resolve) => breaking.close(resolve));
  });

  test('where there is no session that is said, with what works instead', async () => {
    await using other = await Lab.create();
    const { exitCode, stderr } = await other.exec(shell, transport, ['node', 'list']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('log in anew');
    expect(stderr).toContain('@cluster node list');
  });
});

test('without curl and perl it says what to install', async () => {
  const { exitCode, stderr } = await lab.exec(shells[0] ?? ['sh'], 'none', ['status']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/needs curl .*@cluster status/);
});

test('shells read it without a complaint, as bash reads its completion', async () => {
  for (const shell of shells) {
    const [file = 'sh', ...more] = shell;
    expect((await execa(file, [...more, '-n', join(lab.folder, 'cluster')])).stderr).toBe('');
  }
  const completion = new URL('../../lab-program/cluster.bash', import.meta.url).pathname;
  expect((await execa('bash', ['-n', completion])).stderr).toBe('');
  expect(await readFile(completion, 'utf8')).toContain('complete -F _cluster cluster');
});
