import { once } from 'node:events';
import { execa } from 'execa';
import type { ClientChannel } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exec } from './exec.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { logIn } from './raw-protocol.ts';

/** RFC 4254 §5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1;

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

test('a command has its output, its errors apart, and its exit status', async () => {
  const { stdout, stderr, exitCode } = await it.ssh([ALICE, 'echo out; echo err >&2; exit 7']);
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'out', stderr: 'err', exitCode: 7 });
});

test('a command that a signal ended is told as such', async () => {
  const { exitCode, stderr } = await it.ssh(['-v', ALICE, 'kill -9 $$']);
  expect(exitCode).toBe(255);
  expect(stderr).toContain('exit-signal');
});

test.each(['</dev/null', '-n'])('a client with nothing on its stdin (%s) gets its output', async (how) => {
  const args = how === '-n' ? ['-n'] : [];
  const { stdout, exitCode } = await it.ssh([...args, ALICE, 'cat; echo done']);
  expect({ stdout, exitCode }).toEqual({ stdout: 'done', exitCode: 0 });
});

test('EOF of the client ends the input of the command and not its output', async () => {
  const input = 'x'.repeat(3_000_000);
  const { stdout } = await it.ssh([ALICE, 'cat | wc -c; sleep 0.2; echo after'], { input });
  expect(stdout.split(/\s+/)).toEqual(['3000000', 'after']);
});

test('EOF of the command comes before its exit, and its status is still told', async () => {
  const { stdout, exitCode } = await it.ssh([ALICE, 'echo out; exec >&- 2>&-; sleep 0.5; exit 9']);
  expect({ stdout, exitCode }).toEqual({ stdout: 'out', exitCode: 9 });
});

test('64 MiB arrive whole, both ways', async () => {
  const sent = Buffer.alloc(64 * 1024 * 1024, 'a line of text that is no multiple of a packet\n');
  const { stdout } = await it.sshBytes([ALICE, 'tee /dev/stderr'], { input: sent });
  expect(sent.equals(stdout)).toBe(true);
});

test('much on stdout and stderr together arrives whole', async () => {
  const command = 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait';
  const { stdout, stderr } = await it.sshBytes([ALICE, command]);
  expect([stdout.length, stderr.length]).toEqual([20_000_000, 20_000_000]);
});

test('variables go through', async () => {
  const { stdout } = await it.ssh(['-o', 'SetEnv=LC_SPEC=two\\ words FOO=bar', ALICE, 'echo $FOO']);
  expect(stdout).toBe('bar');
});

test('fifty commands at once over one connection each have their own answer', async () => {
  const control = [
    '-o',
    'ControlMaster=auto',
    '-o',
    `ControlPath=${it.folder}/mux`,
    '-o',
    'ControlPersist=5',
  ];
  const master = it.spawn([...control, '-M', '-N', ALICE]);
  await until(async () => (await it.ssh([...control, '-O', 'check', ALICE])).exitCode === 0);
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const results = await Promise.all(numbers.map((n) => it.ssh([...control, ALICE, `echo ${n}; exit ${n}`])));
  expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual(
    numbers.map((n) => [String(n), n]),
  );
  master.kill();
});

test('a client that reads no more ends what writes: yes | head', async () => {
  const yes = await execa(
    'sh',
    ['-c', '"$@" | head -1', 'sh', 'ssh', ...it.options(), '-p', it.port, ALICE, 'yes'],
    {
      timeout: 120_000,
    },
  );
  expect(yes.stdout).toBe('y');
});

/** Its status once its input has ended. */
async function endInput(stream: ClientChannel): Promise<unknown[]> {
  const exited = once(stream, 'exit');
  stream.resume().end();
  return await exited;
}

test('a client that has said that it opens no more sessions gets none, and keeps those that it has', async () => {
  // ssh2 knows OpenSSH by a version number, which the gateway does not give.
  const client = await logIn(it, () => {}, { strictVendor: false });
  const first = await exec(client, 'cat; exit 4');
  expect(await endInput(await exec(client, 'cat; exit 5'))).toEqual([5]);
  await new Promise<void>((resolve, reject) =>
    client.openssh_noMoreSessions((error) => (error ? reject(error) : resolve())),
  );
  await expect(exec(client, 'true')).rejects.toMatchObject({ reason: ADMINISTRATIVELY_PROHIBITED });
  expect(await endInput(first)).toEqual([4]);
  client.end();
});
