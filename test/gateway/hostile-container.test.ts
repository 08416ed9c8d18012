import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import { orAborted } from '../../src/time/or-aborted.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';
import { openProgram } from './inner-sshd.ts';

let it: GatewayUnderTest;
let uncaught: unknown[];
const note = (error: unknown): void => void uncaught.push(error);
beforeEach(async () => {
  uncaught = [];
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  it = await GatewayUnderTest.start();
});
afterEach(async () => {
  await it[Symbol.asyncDispose]();
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
  expect(uncaught).toEqual([]);
});

/** Has little patience with the SSH server of a container. */
const impatient = () => GatewayUnderTest.start({ limits: { innerReady: 1_000 } });

const IDENT = 'printf "SSH-2.0-x\\r\\n"';

const BROKEN = 'The SSH server in your container does not start (';
const SLOW =
  'Your container did not answer within 1 s: it or its machine is busy. Connect again in a moment.';

test.each([
  ['is not there', 'echo "Missing privilege separation directory" >&2; exit 255', BROKEN],
  ['says nothing', 'sleep 1000', SLOW],
  ['prints garbage', 'head -c 100000 /dev/urandom; sleep 1000', BROKEN],
  ['prints lines for ever', 'yes', BROKEN],
  ['speaks nonsense after its name', `${IDENT}; head -c 100000 /dev/urandom; sleep 1000`, BROKEN],
  ['sends an empty packet length', `${IDENT}; head -c 100000 /dev/zero; sleep 1000`, BROKEN],
  ['stops reading', `${IDENT}; kill -STOP $$`, SLOW],
])('an SSH server that %s is a sentence with what to do, and hurts nobody else', async (_, program, said) => {
  // What has failed by itself says so, however long it takes here.
  await using it = said === SLOW ? await impatient() : await GatewayUnderTest.start();
  it.workspaces.openSshd = async () => openProgram(program, new Set());
  const { stdout, stderr, exitCode } = await it.ssh([ALICE, 'echo in']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 254 });
  expect(stderr).toContain(said);
  expect(stderr).toContain(`ssh -t -p ${it.port} alice@lab.example.org -- @rescue`);
  expect(stderr.split('\n')).toHaveLength(1);

  it.workspaces.openSshd = async () => it.sshd.open();
  // On a busy machine an honest one may take longer, too, now and then.
  await until(async () => (await it.ssh([ALICE, 'echo in'])).stdout === 'in');
});

test('what the SSH server says last is told, without what it would do to a terminal', async () => {
  it.workspaces.openSshd = async () =>
    openProgram('printf "no \\033]0;hostkeys\\007 here\\n" >&2; exit 1', new Set());
  const { stderr } = await it.ssh([ALICE, 'true']);
  expect(stderr).toContain('(no ]0;hostkeys here)');
});

test('a Docker that does not run the SSH server in time is told of as such, and is no defect of the factory', async () => {
  await using it = await impatient();
  it.workspaces.openSshd = (signal) => orAborted(new Promise<never>(() => {}), signal);
  const { stderr, exitCode } = await it.ssh([ALICE, 'true']);
  expect(exitCode).toBe(254);
  expect(stderr).toContain(SLOW);
  expect(stderr).toContain(`If it stays so, type: ssh -t -p ${it.port} alice@lab.example.org -- @rescue`);
});

test('so it is where Docker took longer than the limit of its own', async () => {
  it.workspaces.openSshd = () => Promise.reject(new FactoryError('TIMED_OUT', 'Docker took more than 30 s.'));
  expect((await it.ssh([ALICE, 'true'])).stderr).toContain('Your container did not answer within 30 s');
});

test('an SSH server that refuses the login is told of as such', async () => {
  await writeFile(join(it.folder, 'authorized_keys'), '');
  expect((await it.ssh([ALICE, 'true'])).stderr).toContain('(it does not let user ');
});

test('an SSH server that dies midway ends its commands with a sentence', async () => {
  const client = it.spawn([ALICE, 'echo started; sleep 1000']);
  let said = '';
  client.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(client.stdout, 'data');
  for (const sshd of it.sshd.processes) sshd.kill('SIGKILL');
  const [code] = await once(client, 'close');
  expect({ code, said }).toEqual({
    code: 254,
    said: expect.stringContaining('connection to your container was lost'),
  });
});

test('a container that does not start is one sentence with the id of its log entry', async () => {
  const error = new FactoryError(
    'CONTAINER_FAILED',
    'Your container does not start; please tell the operator.',
  );
  it.workspaces.phases = { container: { kind: 'failed', error, retryAt: Date.now() } };
  it.workspaces.containerReady = () => Promise.reject(error);
  const { stdout, stderr, exitCode } = await it.ssh([ALICE, 'echo in']);
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: '',
    stderr: `Your container does not start; please tell the operator. (error ${error.id})`,
    exitCode: 254,
  });
});
