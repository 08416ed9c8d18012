import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/taken-port.ts';
import { Terminal } from '../harness/terminal.ts';
import type { Client, CopyWay, Forward, Options, Target } from './client.ts';
import { listenHashing, live, type Scene } from './scene.ts';

/** What a client may be able to do. */
export interface Ability {
  /** As the table has it. */
  readonly title: string;
  /** The proof, where the client has it; it throws where it does not hold. */
  try(client: Client, scene: Scene): (() => Promise<void>) | undefined;
}

const LIMIT = 180_000;
/** Bytes of what is carried. */
const LARGE = 4_000_000;
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

async function run(client: Client, words: readonly string[], input: string | Buffer = '') {
  const [file = '', ...args] = [...client.prefix, ...words];
  const { stdout, stderr, exitCode } = await execa(file, args, {
    reject: false,
    timeout: LIMIT,
    input,
    stripFinalNewline: false,
  });
  return { stdout, stderr, exitCode };
}

/** An ability of those that run commands. */
function commands(
  title: string,
  proof: (
    exec: (command: string, options?: Options, input?: Buffer) => ReturnType<typeof run>,
    client: Client,
    target: Target,
  ) => Promise<void>,
): Ability {
  return {
    title,
    try: (client, scene) => {
      const { exec } = client;
      if (exec === undefined) return undefined;
      const target = scene.targetOf(client);
      return () =>
        proof(
          (command, options, input) => run(client, exec(target, command, options), input),
          client,
          target,
        );
    },
  };
}

function copying(way: CopyWay, title: string): Ability {
  return {
    title,
    try: (client, scene) => {
      const copy = client.copies?.[way];
      if (copy === undefined) return undefined;
      const target = scene.targetOf(client);
      return async () => {
        const name = `${way.replaceAll(' ', '')}-${client.name.replaceAll(/\W/g, '-')}`;
        const [local, remote, back] = [
          join(target.home, name),
          `/home/lab/${name}`,
          join(target.home, `${name}.back`),
        ];
        const content = randomBytes(LARGE);
        await writeFile(local, content);
        for (const { words, input } of [copy.up(target, local, remote), copy.down(target, remote, back)])
          expect(await run(client, words, input)).toMatchObject({ exitCode: 0 });
        expect(sha256(await readFile(back))).toBe(sha256(content));
      };
    },
  };
}

/** Sends a lot to a port of this machine and ends that direction; resolves with the answer. */
async function askForHash(port: number, content: Buffer): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.setTimeout(LIMIT, () => socket.destroy(new Error('no answer')));
  socket.end(content);
  // Not to its end: AsyncSSH never ends a connection whose other direction has ended, with any server.
  let answer = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    answer += chunk;
    if (answer.length === sha256(content).length) break;
  }
  return answer;
}

/** Starts a client that forwards, and tells at which port it does. */
async function forwarding(client: Client, { words, says }: Forward, told: number) {
  const program = live(client, words);
  if (says === undefined) return { program, port: told };
  await program.shows(says, LIMIT);
  return { program, port: Number(says.exec(program.output)?.[1]) };
}

const localForward: Ability = {
  title: 'forwards to the lab (`-L`)',
  try: (client, scene) => {
    const { localForward } = client;
    if (localForward === undefined) return undefined;
    return async () => {
      const told = await freePort();
      const forward = localForward(scene.targetOf(client), told, scene.portInside);
      const { program, port } = await forwarding(client, forward, told);
      await using _ = program;
      const content = randomBytes(LARGE);
      const answer = await eventually(async () => (await askForHash(port, content)) || undefined, {
        what: `the forward answers; it showed ${program.output}`,
        within: LIMIT,
      });
      expect(answer).toBe(sha256(content));
    };
  },
};

function remoteForward(title: string, choose: () => Promise<number>): Ability {
  return {
    title,
    try: (client, scene) => {
      const { remoteForward } = client;
      // Who is not told which port was chosen has no use for it.
      const probe = remoteForward?.(scene.targetOf(client), 0, 0);
      if (remoteForward === undefined || (title.includes('any') && probe?.says === undefined))
        return undefined;
      return async () => {
        await using here = await listenHashing();
        const told = await choose();
        const forward = remoteForward(scene.targetOf(client), told, here.port);
        const { program, port } = await forwarding(client, forward, told);
        await using _ = program;
        const alice = await scene.factory.student('alice');
        const ask = `head -c ${LARGE} /dev/zero | nc -N 127.0.0.1 ${port}`;
        const answer = await eventually(async () => (await alice.exec(ask)).stdout || undefined, {
          what: `the forward answers; it showed ${program.output}`,
          within: LIMIT,
        });
        expect(answer).toBe(sha256(Buffer.alloc(LARGE)));
      };
    },
  };
}

const terminal: Ability = {
  title: 'a terminal, with its size',
  try: (client, scene) => {
    const { terminal } = client;
    if (terminal === undefined) return undefined;
    const command = 'until [ "$(stty size)" = "30 120" ]; do sleep 0.05; done; echo it is "$(stty size)"';
    const words = terminal.words(scene.targetOf(client), command);
    return async () => {
      if (!terminal.own) {
        expect(await run(client, words)).toMatchObject({
          stdout: 'it is 30 120\r\n',
          stderr: '',
          exitCode: 0,
        });
        return;
      }
      const [docker = '', exec = '', ...rest] = client.prefix;
      await using window = new Terminal([docker, exec, '--tty', ...rest, ...words]);
      await window.shows('it is 30 120', LIMIT);
      expect(await window.ended(LIMIT)).toBe(0);
    };
  },
};

/** Longer than a client goes on sending pings after the last key: 1 to 3 s in OpenSSH; ms. */
const BETWEEN_KEYS = 4_000;

const hidesKeys: Ability = {
  title: 'hides when keys are pressed (`ObscureKeystrokeTiming`)',
  try: (client, scene) => {
    const { hidesKeys } = client;
    if (hidesKeys === undefined) return undefined;
    const words = hidesKeys.words(scene.targetOf(client), 'cat');
    return async () => {
      await using program = live(client, words);
      const pressed = () => {
        if (hidesKeys.says.test(program.stderr)) return true;
        program.write('k');
        return false;
      };
      await eventually(pressed, { what: 'pings between the keys', within: LIMIT, every: BETWEEN_KEYS });
      program.write('\n\x04');
      expect(await program.ended(LIMIT)).toMatchObject({ code: 0 });
    };
  },
};

const many: Ability = {
  title: 'eight channels at once in one connection',
  try: (client, scene) => {
    const words = client.many?.(scene.targetOf(client), 'echo one; exit 0');
    if (words === undefined) return undefined;
    return async () =>
      expect(await run(client, words)).toMatchObject({ stdout: 'one\n'.repeat(8), exitCode: 0 });
  },
};

/** A program that has a remote shell of its own choice. */
function over(title: string, script: (shell: string, name: string, target: Target) => string): Ability {
  return {
    title,
    try: (client, scene) => {
      const target = scene.targetOf(client);
      const shell = client.remoteShell?.(target);
      if (shell === undefined) return undefined;
      const name = client.name.replaceAll(/\W/g, '-');
      return async () =>
        expect(await run(client, ['sh', '-euc', script(shell, name, target)])).toEqual({
          stdout: '',
          stderr: '',
          exitCode: 0,
        });
    },
  };
}

function same(one: string, other: string): string {
  return `[ "$(sha256sum <${one})" = "$(sha256sum <${other})" ]`;
}

const rsync = over('`rsync`, both ways', (shell, name, { home }) => {
  const folder = `${home}/rsync`;
  return [
    `mkdir -p ${folder}/from/below; head -c ${LARGE} /dev/urandom >${folder}/from/below/file`,
    `rsync -a -e '${shell}' ${folder}/from/ 127.0.0.1:rsync-${name}/`,
    `rsync -a -e '${shell}' 127.0.0.1:rsync-${name}/ ${folder}/back/`,
    same(`${folder}/from/below/file`, `${folder}/back/below/file`),
  ].join('\n');
});

const git = over('`git` push and clone', (shell, name, { user, home }) => {
  const repository = `${user}@127.0.0.1:git-${name}`;
  const settings = '-c user.name=a -c user.email=a@example.org -c init.defaultBranch=main -c gc.auto=0';
  return [
    `export GIT_SSH_COMMAND='${shell}' GIT_SSH_VARIANT=simple GIT_CONFIG_NOSYSTEM=1`,
    `cd ${home}; ${shell} 127.0.0.1 'git init -q --bare git-${name}'`,
    `git ${settings} init -q made; head -c 2000000 /dev/urandom >made/file; git -C made add file`,
    `git -C made ${settings} commit -qm one; git -C made push -q ${repository} HEAD:main`,
    `git clone -q -b main ${repository} cloned; ${same('made/file', 'cloned/file')}`,
  ].join('\n');
});

export const ABILITIES: readonly Ability[] = [
  commands('logs in with an ed25519 key, in silence', async (exec) => {
    expect(await exec('echo in')).toEqual({ stdout: 'in\n', stderr: '', exitCode: 0 });
  }),
  commands('logs in with an RSA key', async (exec, _client, { home }) => {
    expect(await exec('echo in', { key: join(home, 'rsa') })).toEqual({
      stdout: 'in\n',
      stderr: '',
      exitCode: 0,
    });
  }),
  commands('is told why a key is refused', async (exec, _client, { home }) => {
    const { stdout, stderr, exitCode } = await exec('echo in', { key: join(home, 'stranger'), loud: true });
    expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: '', failed: true });
    expect(stderr).toMatch(/SHA256:/);
  }),
  commands('a command: its output, its errors, its exit status', async (exec) => {
    const result = await exec('echo out; echo err >&2; exit 37');
    expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 37 });
  }),
  commands('input to its end', async (exec) => {
    const content = randomBytes(LARGE);
    expect((await exec('sha256sum', {}, content)).stdout).toBe(`${sha256(content)}  -\n`);
  }),
  terminal,
  hidesKeys,
  many,
  copying('sftp', 'SFTP, up and down'),
  copying('scp', '`scp`, up and down'),
  copying('scp -O', '`scp -O`, the old protocol'),
  localForward,
  remoteForward('forwards from the lab (`-R`)', freePort),
  remoteForward('`-R` at any free port', async () => 0),
  commands('answers signs of life, and asks for them', async (exec) => {
    // Longer than the factory waits for an answer.
    const result = await exec('sleep 23; echo still here', { keepAlive: true });
    expect(result).toEqual({ stdout: 'still here\n', stderr: '', exitCode: 0 });
  }),
  {
    title: 'new keys in the middle of a transfer',
    try: (client, scene) => {
      const { exec, rekeyed } = client;
      if (exec === undefined || rekeyed === undefined) return undefined;
      return async () => {
        const content = randomBytes(LARGE);
        const words = exec(scene.targetOf(client), 'sha256sum', { rekey: true });
        const { stdout, stderr } = await run(client, words, content);
        expect(stdout).toBe(`${sha256(content)}  -\n`);
        expect(stderr).toMatch(rekeyed);
      };
    },
  },
  rsync,
  git,
];
