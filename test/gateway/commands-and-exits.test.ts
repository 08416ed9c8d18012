import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALICE, GatewayUnderTest } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
}, 30_000);
afterAll(() => it[Symbol.asyncDispose]());

test('a command has its output, its errors apart, and its exit status', async () => {
  const { stdout, stderr, exitCode } = await it.ssh([ALICE, 'echo out; echo err >&2; exit 7']);
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'out', stderr: 'err', exitCode: 7 });
});

test('a command that a signal ended is told as such', async () => {
  const { exitCode, stderr } = await it.ssh(['-v', '-o', 'LogLevel=DEBUG1', ALICE, 'kill -9 $$']);
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
  const { stdout } = await it.ssh([ALICE, 'cat | wc -c; sleep 0.2; echo after'], { stdin: 'pipe', input });
  expect(stdout.split(/\s+/)).toEqual(['3000000', 'after']);
});

test('EOF of the command comes before its exit, and its status is still told', async () => {
  const { stdout, exitCode } = await it.ssh([ALICE, 'echo out; exec >&- 2>&-; sleep 0.5; exit 9']);
  expect({ stdout, exitCode }).toEqual({ stdout: 'out', exitCode: 9 });
});

test('64 MiB arrive whole, both ways at once', async () => {
  const local = await it.ssh([ALICE, 'head -c 67108864 /dev/zero | tr "\\0" a | tee /dev/stderr | md5sum >/dev/null; exit 0'], {
    stderr: 'ignore',
  });
  expect(local.exitCode).toBe(0);
  const { stdout } = await it.ssh([ALICE, 'cat'], {
    stdin: 'pipe',
    input: Buffer.alloc(64 * 1024 * 1024, 'b'),
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  expect(Buffer.from(stdout).equals(Buffer.alloc(64 * 1024 * 1024, 'b'))).toBe(true);
}, 60_000);

test('much on stdout and stderr together arrives whole', async () => {
  const command = 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait';
  const { stdout, stderr } = await it.ssh([ALICE, command], { encoding: 'buffer', maxBuffer: 1e9 });
  expect([stdout.length, stderr.length]).toEqual([20_000_000, 20_000_000]);
}, 60_000);

test('variables go through', async () => {
  const { stdout } = await it.ssh(['-o', 'SetEnv=LC_SPEC=two\\ words FOO=bar', ALICE, 'echo $FOO']);
  expect(stdout).toBe('bar');
});

test('fifty commands at once over one connection each have their own answer', async () => {
  const control = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${it.folder}/mux`, '-o', 'ControlPersist=5'];
  await it.ssh([...control, ALICE, 'true'], { stderr: 'ignore' });
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const results = await Promise.all(numbers.map((n) => it.ssh([...control, ALICE, `echo ${n}; exit ${n}`])));
  expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual(numbers.map((n) => [String(n), n]));
  await it.ssh([...control, '-O', 'exit', ALICE]);
}, 60_000);
