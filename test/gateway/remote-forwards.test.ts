import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import ssh2, { type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../e2e/harness/taken-port.ts';
import { countingServer } from './counting-server.ts';
import { ALICE, GatewayUnderTest, PATIENT, until } from './gateway-under-test.ts';
import { openProgram } from './inner-sshd.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

/** `ssh -N` with the forwards, when they are granted; `said` is what it says. */
async function forwarding(...args: readonly string[]) {
  return await forwardingTo(it, ...args);
}

async function forwardingTo(it: GatewayUnderTest, ...args: readonly string[]) {
  const loud = ['-o', 'LogLevel=INFO', '-o', 'ExitOnForwardFailure=yes'];
  const client = spawn('ssh', [...loud, ...it.options(), '-p', it.port, '-N', ...args, ALICE]);
  let said = '';
  client.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    client,
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      client.kill();
      if (client.exitCode === null) await once(client, 'exit');
    },
  };
}

async function answer(socket: Socket, sent: string | Buffer): Promise<string> {
  socket.end(sent);
  return await text(socket);
}

/** The port that `-R 0:…` was given. */
async function allocatedPort(said: () => string): Promise<number> {
  await until(async () => /Allocated port \d+/.test(said()));
  return Number(/Allocated port (\d+)/.exec(said())?.[1]);
}

/** Whether what listens there in the container leads to a counting server. */
async function leadsHome(at: NetConnectOpts): Promise<boolean> {
  const socket = connect({ ...at, allowHalfOpen: true });
  return await answer(socket, 'abc').then(
    (counted) => counted === '3 bytes',
    () => false,
  );
}

/** Nobody listens there. */
async function refused(at: NetConnectOpts): Promise<boolean> {
  const socket = connect(at);
  return await once(socket, 'connect').then(
    () => socket.destroy() && false,
    () => true,
  );
}

/** As the kernel does where memory is short. */
async function killInnerSshd({ sshd }: GatewayUnderTest): Promise<void> {
  const running = [...sshd.processes];
  expect(running).not.toHaveLength(0);
  const gone = running.map((each) => once(each, 'exit'));
  for (const each of running) each.kill('SIGKILL');
  await Promise.all(gone);
}

async function isSocket(path: string): Promise<boolean> {
  return (await execa('test', ['-S', path], { reject: false })).exitCode === 0;
}

test('-R with port 0: the client is told the port, and each direction ends by itself', async () => {
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  await using forward = await forwarding('-R', `0:127.0.0.1:${local.port}`);
  const port = await allocatedPort(forward.said);
  const answers = Array.from({ length: 20 }, (_, n) =>
    answer(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), randomBytes(n * 50_000)),
  );
  expect(await Promise.all(answers)).toEqual(answers.map((_, n) => `${n * 50_000} bytes`));
});

test('-R by Unix sockets on both sides', async () => {
  const [inside, outside] = [join(it.folder, 'inside.sock'), join(it.folder, 'outside.sock')];
  using _local = await countingServer({ path: outside });
  await using _forward = await forwarding('-R', `${inside}:${outside}`);
  await until(() => isSocket(inside));
  expect(await answer(connect({ path: inside, allowHalfOpen: true }), 'x'.repeat(300_000))).toBe(
    '300000 bytes',
  );
});

test('-L to a Unix socket, and to one that is not there', async () => {
  const [inside, outside] = [join(it.folder, 'there.sock'), join(it.folder, 'here.sock')];
  using _inside = await countingServer({ path: inside });
  await using _forward = await forwarding('-L', `${outside}:${inside}`, '-L', `${outside}2:${inside}nowhere`);
  await until(() => isSocket(`${outside}2`));
  expect(await answer(connect({ path: outside, allowHalfOpen: true }), 'x'.repeat(300_000))).toBe(
    '300000 bytes',
  );
  const nowhere = answer(connect({ path: `${outside}2`, allowHalfOpen: true }), 'x');
  expect(await nowhere.catch(() => '')).toBe('');
});

test('a forward that is cancelled is closed, and may be asked for again', async () => {
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  const control = join(it.folder, 'control');
  await using _master = await forwarding('-M', '-S', control);
  await until(() => isSocket(control));
  const path = join(it.folder, 'cancelled.sock');
  const ask = (order: string) =>
    it.ssh(['-S', control, '-O', order, '-R', `${path}:127.0.0.1:${local.port}`, ALICE]);
  expect((await ask('forward')).exitCode).toBe(0);
  expect(await answer(connect({ path, allowHalfOpen: true }), 'abc')).toBe('3 bytes');
  expect((await ask('cancel')).exitCode).toBe(0);
  // A cancel is not answered: ssh says that it is done when it has asked.
  await until(() => refused({ path }));

  const port = await freePort();
  const askByPort = (order: string) =>
    it.ssh(['-S', control, '-O', order, '-R', `${port}:127.0.0.1:${local.port}`, ALICE]);
  expect((await askByPort('forward')).exitCode).toBe(0);
  expect(await refused({ port, host: '127.0.0.1' })).toBe(false);
  expect((await askByPort('cancel')).exitCode).toBe(0);
  await until(() => refused({ port, host: '127.0.0.1' }));
});

test('a port that is taken is refused, and the client told', async () => {
  // sshd is content with one of the two loopback addresses.
  using taken = await countingServer({ port: 0, host: '::' });
  const { stdout, stderr } = await it.ssh(['-R', `${taken.port}:127.0.0.1:1`, ALICE, 'echo on'], {
    asAPersonSees: true,
  });
  expect(stdout).toBe('on');
  expect(stderr).toContain('remote port forwarding failed');
});

test('-R comes back when the sshd in the container is killed, also where the client opens nothing', async () => {
  await using it = await GatewayUnderTest.start();
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  const inside = join(it.folder, 'inside.sock');
  const ports = ['-R', `0:127.0.0.1:${local.port}`, '-R', `${inside}:127.0.0.1:${local.port}`];
  await using forward = await forwardingTo(it, ...ports);
  const port = await allocatedPort(forward.said);
  const both = async () =>
    (await leadsHome({ port, host: '127.0.0.1' })) && (await leadsHome({ path: inside }));
  await until(both);
  for (const _time of [1, 2]) {
    await killInnerSshd(it);
    await until(both);
  }
  expect(forward.client.exitCode).toBeNull();
  expect(it.workspaces.releases).toBe(0);
});

/** From now on the container is being made; `asked`: somebody waits for it. */
function makeContainerAnew({ workspaces }: GatewayUnderTest) {
  const asked = Promise.withResolvers<void>();
  const made = Promise.withResolvers<void>();
  workspaces.containerReady = () => {
    asked.resolve();
    return made.promise;
  };
  return { asked: asked.promise, made: () => made.resolve() };
}

test('-R waits for a container that is made anew', async () => {
  await using it = await GatewayUnderTest.start();
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  await using forward = await forwardingTo(it, '-R', `0:127.0.0.1:${local.port}`);
  const at = { port: await allocatedPort(forward.said), host: '127.0.0.1' };
  const container = makeContainerAnew(it);
  await killInnerSshd(it);
  await container.asked;
  expect(await refused(at)).toBe(true);
  container.made();
  await until(() => leadsHome(at));
});

test('a forward that was cancelled does not come back, and the connection goes on without', async () => {
  await using it = await GatewayUnderTest.start();
  using local = await countingServer({ port: 0, host: '127.0.0.1' });
  const control = join(it.folder, 'control');
  await using master = await forwardingTo(it, '-M', '-S', control);
  await until(() => isSocket(control));
  const ask = (order: string, path: string) =>
    it.ssh(['-S', control, '-O', order, '-R', `${path}:127.0.0.1:${local.port}`, ALICE]);
  const [early, late] = [join(it.folder, 'early.sock'), join(it.folder, 'late.sock')];
  for (const path of [early, late]) expect((await ask('forward', path)).exitCode).toBe(0);
  expect((await ask('cancel', early)).exitCode).toBe(0);
  await until(() => refused({ path: early }));
  await killInnerSshd(it);
  await until(() => leadsHome({ path: late }));
  expect(await refused({ path: early })).toBe(true);

  const container = makeContainerAnew(it);
  await killInnerSshd(it);
  await container.asked;
  expect((await ask('cancel', late)).exitCode).toBe(0);
  container.made();
  expect((await it.ssh(['-S', control, ALICE, 'echo on'])).stdout).toBe('on');
  await until(() => refused({ path: late }));
  expect(master.client.exitCode).toBeNull();
});

test('where -R does not come back the connection ends, as it does with a plain sshd', async () => {
  await using it = await GatewayUnderTest.start({ limits: { restoreTries: 3, restorePause: 10 } });
  await using forward = await forwardingTo(it, '-R', '0:127.0.0.1:1');
  await allocatedPort(forward.said);
  let tries = 0;
  it.workspaces.openSshd = async () => {
    tries += 1;
    return openProgram('exit 1', new Set());
  };
  const ended = once(forward.client, 'close');
  await killInnerSshd(it);
  expect(await ended).toEqual([255, null]);
  expect(forward.said()).toContain('Received disconnect from 127.0.0.1');
  expect(tries).toBe(3);
  await until(() => it.workspaces.releases === 1);
  expect(it.workspaces.ends).toEqual(['lost']);
});

test('so it does where somebody else listens there by then', async () => {
  await using it = await GatewayUnderTest.start({ limits: { restoreTries: 3, restorePause: 10 } });
  await using forward = await forwardingTo(it, '-R', '0:127.0.0.1:1');
  const port = await allocatedPort(forward.said);
  const { openSshd } = it.workspaces;
  using taken = new DisposableStack();
  it.workspaces.openSshd = async (...args) => {
    it.workspaces.openSshd = openSshd;
    taken.use(await countingServer({ port, host: '::' }));
    return await openSshd(...args);
  };
  const ended = once(forward.client, 'close');
  await killInnerSshd(it);
  expect(await ended).toEqual([255, null]);
});

test('who is in a session then is told why it ends', async () => {
  await using it = await GatewayUnderTest.start({ limits: { restoreTries: 1 } });
  // ssh(1) may lose what it has not shown when it reads of the end.
  const client = new ssh2.Client();
  const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
  client.on('error', () => {});
  const { port } = it.gateway.address;
  client.connect({ host: '127.0.0.1', port, username: 'alice', privateKey, ...PATIENT });
  await once(client, 'ready');
  await new Promise((granted) => client.forwardIn('127.0.0.1', 0, granted));
  const channel = await new Promise<ClientChannel>((resolve, reject) =>
    client.exec('@rescue cat', (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  const told = text(channel.stderr);
  channel.resume();
  it.workspaces.openSshd = async () => openProgram('exit 1', new Set());
  await killInnerSshd(it);
  expect(await told).toContain('its remote forwards (-R) did not come back');
});
