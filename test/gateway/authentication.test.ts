import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import { FakeAgent } from './fake-agent.ts';
import { ForgingAgent } from './forging-agent.ts';
import { ALICE, GatewayUnderTest, makeKey, PATIENT, until } from './gateway-under-test.ts';

test('a wrong key is refused with a text that names the keys and where to change them, once', async () => {
  await using it = await GatewayUnderTest.start();
  const wrong = await makeKey(it.folder, 'wrong');
  const { exitCode, stderr } = await it.ssh([ALICE, 'true'], { key: wrong.path, asAPersonSees: true });
  const fingerprint = (await execa('ssh-keygen', ['-lf', wrong.path])).stdout.split(' ')[1] ?? '';
  expect(exitCode).toBe(255);
  expect(stderr.split(fingerprint)).toHaveLength(2);
  expect(stderr).toContain('https://example.org/keys');
  expect(it.workspaces.holders.size + it.workspaces.releases).toBe(0);
});

test('a client that may not ask anything (BatchMode) is told as well', async () => {
  await using it = await GatewayUnderTest.start();
  const wrong = await makeKey(it.folder, 'wrong');
  const fingerprint = (await execa('ssh-keygen', ['-lf', wrong.path])).stdout.split(' ')[1] ?? '';
  const { exitCode, stderr } = await it.ssh(['-o', 'BatchMode=yes', ALICE, 'true'], {
    key: wrong.path,
    asAPersonSees: true,
  });
  expect(exitCode).toBe(255);
  expect(stderr).toContain(fingerprint);
  expect(stderr).toContain('https://example.org/keys');
});

test('a student whose second key is right is told of the first one once, and never again', async () => {
  await using it = await GatewayUnderTest.start();
  const wrong = await makeKey(it.folder, 'wrong');
  const login = () => it.ssh(['-i', it.options().at(-1) ?? '', ALICE, 'echo in'], { key: wrong.path });
  expect(await login()).toMatchObject({ stdout: 'in' });
  const { stderr, stdout } = await login();
  expect({ stdout, stderr: stderr.replace(/^Warning: Permanently added.*\r?\n?/m, '') }).toEqual({
    stdout: 'in',
    stderr: '',
  });
});

test.each(['Al!ce', 'al ice', 'alice/../bob', 'a'.repeat(5_000)])(
  'the login name %.20s reaches no source of keys',
  async (name) => {
    await using it = await GatewayUnderTest.start();
    const { exitCode, stderr } = await it.ssh(['-l', name, '127.0.0.1', 'true'], { asAPersonSees: true });
    expect(exitCode).toBe(255);
    expect(stderr).toContain('There is no user');
    expect(it.lookups).toEqual([]);
  },
);

test('an agent with many keys gets in with its last, and the source is asked at most twice', async () => {
  await using it = await GatewayUnderTest.start();
  const keys = await Promise.all(Array.from({ length: 24 }, (_, n) => makeKey(it.folder, `wrong-${n}`)));
  const args = keys.slice(1).flatMap(({ path }) => ['-i', path]);
  const { stdout } = await it.ssh([...args, '-i', join(it.folder, 'id'), ALICE, 'echo in'], {
    key: keys[0]?.path ?? '',
  });
  expect(stdout).toBe('in');
  expect(it.lookups).toEqual(['alice', 'alice']);
});

test('the queries of one connection are bounded', async () => {
  await using it = await GatewayUnderTest.start({ limits: { keyQueries: 2 } });
  const keys = await Promise.all(Array.from({ length: 3 }, (_, n) => makeKey(it.folder, `wrong-${n}`)));
  const args = keys.slice(1).flatMap(({ path }) => ['-i', path]);
  const { exitCode } = await it.ssh([...args, '-i', join(it.folder, 'id'), ALICE, 'true'], {
    key: keys[0]?.path ?? '',
  });
  expect(exitCode).toBe(255);
});

test('wrong signatures on one connection are bounded: the explanation, then the end', async () => {
  await using it = await GatewayUnderTest.start({ limits: { signedAttempts: 3 } });
  expect(await logInForging(it, 2)).toEqual({ signed: 3, told: '', isIn: true });
  const { told, ...tooMany } = await logInForging(it, 3);
  expect(tooMany).toEqual({ signed: 4, isIn: false });
  expect(told).toContain('https://example.org/keys');
});

test.each(['rsa', 'ecdsa'])('an %s key gets in', async (type) => {
  const folder = (await execa('mktemp', ['-d'])).stdout;
  const key = await makeKey(folder, 'id', type);
  await using it = await GatewayUnderTest.start({ moreKeys: [key.line] });
  const { stdout } = await it.ssh([ALICE, 'echo in'], { key: key.path });
  expect(stdout).toBe('in');
});

test('a security key gets in when it was touched, and not otherwise', async () => {
  const folder = (await execa('mktemp', ['-d'])).stdout;
  await using agent = await FakeAgent.listen(join(folder, 'agent'));
  await using it = await GatewayUnderTest.start({ moreKeys: [agent.line] });
  const args = ['-o', 'IdentitiesOnly=no', '-o', `IdentityAgent=${join(folder, 'agent')}`];
  const logIn = async () =>
    await execa(
      'ssh',
      ['-F', 'none', ...args, ...it.options('/nonexistent'), '-p', it.port, ALICE, 'echo in'],
      {
        reject: false,
        stdin: 'ignore',
      },
    );
  expect((await logIn()).stdout).toBe('in');
  agent.touched = false;
  expect((await logIn()).exitCode).toBe(255);
});

test('who does not log in in time is cut off', async () => {
  await using it = await GatewayUnderTest.start({ limits: { loginTimeout: 300 } });
  const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port });
  socket.write('SSH-2.0-nobody\r\n').toString();
  socket.resume();
  await once(socket, 'close');
});

test('connections that have not logged in are bounded, and idle ones keep nobody out', async () => {
  await using it = await GatewayUnderTest.start({ limits: { unauthenticated: 2 } });
  const idle = [0, 1].map(() => connect({ host: '127.0.0.1', port: it.gateway.address.port }));
  await Promise.all(idle.map((socket) => once(socket, 'data')));
  const oneGoes = Promise.race(idle.map((socket) => once(socket, 'close')));
  for (const socket of idle) socket.resume();
  expect((await it.ssh([ALICE, 'true'])).exitCode).toBe(0);
  await oneGoes;
  expect(idle.filter((socket) => !socket.destroyed)).toHaveLength(1);
  for (const socket of idle) socket.destroy();
});

test('where there is no room, the address that has the most logins under way gives way', async () => {
  await using it = await GatewayUnderTest.start({ limits: { unauthenticated: 3 } });
  const { port } = it.gateway.address;
  const quiet = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
  await once(quiet, 'data');
  for (let more = 0; more < 5; more++) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.resume();
  }
  const [closed] = await Promise.race([
    once(quiet, 'close'),
    it.ssh([ALICE, 'true']).then(() => [undefined]),
  ]);
  expect({ closed, destroyed: quiet.destroyed }).toEqual({ closed: undefined, destroyed: false });
  quiet.destroy();
});

test('garbage and half-done handshakes hurt nobody', async () => {
  await using it = await GatewayUnderTest.start();
  const openings = [
    'GET / HTTP/1.1\r\n\r\n',
    `SSH-2.0-x\r\n${'\xff'.repeat(5_000)}`,
    'SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14',
    '\0'.repeat(70_000),
  ];
  for (const opening of openings) {
    const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port });
    socket.on('error', () => {});
    socket.resume();
    socket.end(opening, 'latin1');
    await once(socket, 'close');
  }
  expect((await it.ssh([ALICE, 'true'])).exitCode).toBe(0);
});

/** What becomes of a client whose first `wrong` signatures with alice's key are not valid. */
async function logInForging(it: GatewayUnderTest, wrong: number) {
  const key = ssh2.utils.parseKey(await readFile(join(it.folder, 'id'), 'utf8'));
  if (key instanceof Error) throw key;
  const agent = new ForgingAgent(key, wrong);
  const client = new ssh2.Client();
  let told = '';
  let isIn = false;
  client.on('banner', (text) => {
    told += text;
  });
  client.on('error', () => {});
  client.once('ready', () => {
    isIn = true;
    client.end();
  });
  const { port } = it.gateway.address;
  client.connect({ host: '127.0.0.1', port, username: 'alice', agent, ...PATIENT });
  await once(client, 'close');
  return { signed: agent.signed, told, isIn };
}

const CHANGED = () =>
  new FactoryError('IDENTITY_CHANGED', 'This name is another account by now; ask the operator.');

test('whose name is another account by now is told so once, with an id, and gets no further with any key', async () => {
  const error = CHANGED();
  await using it = await GatewayUnderTest.start({ confirmation: { kind: 'refused', error } });
  const { exitCode, stdout, stderr } = await it.ssh([ALICE, 'echo in'], { asAPersonSees: true });
  expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: '' });
  expect(stderr.split(`ask the operator. (error ${error.id})`)).toHaveLength(2);
  expect(stderr).not.toContain('https://example.org/keys');
  expect(it.workspaces.holders.size + it.workspaces.releases).toBe(0);
});

test('an account is asked about only when the signature was right', async () => {
  await using it = await GatewayUnderTest.start();
  const wrong = await makeKey(it.folder, 'wrong');
  expect((await it.ssh([ALICE, 'true'], { key: wrong.path })).exitCode).toBe(255);
  expect(it.confirmed).toEqual([]);
  expect(await it.ssh([ALICE, 'echo in'])).toMatchObject({ stdout: 'in' });
  expect(it.confirmed).toEqual(['alice']);
});

test('who came in while nobody could say whose the name is, goes with a sentence when somebody can', async () => {
  const later = Promise.withResolvers<FactoryError | undefined>();
  await using it = await GatewayUnderTest.start({
    confirmation: { kind: 'later', refusal: later.promise },
  });
  const client = it.spawn([ALICE, 'echo in; exec cat']);
  const told: string[] = [];
  client.stdout.setEncoding('utf8').on('data', (text: string) => told.push(text));
  client.stderr.setEncoding('utf8').on('data', (text: string) => told.push(text));
  await until(() => told.join('').includes('in'));
  const error = CHANGED();
  later.resolve(error);
  // And has said all that it says, unlike at its exit.
  const [code] = await once(client, 'close');
  expect(code).not.toBe(0);
  expect(told.join('')).toContain(`ask the operator. (error ${error.id}) This session ends now.`);
  await until(() => it.workspaces.holders.size === 0);
  expect(it.workspaces.ends).toEqual(['refused']);
});

test('who may stay after all is not disturbed', async () => {
  await using it = await GatewayUnderTest.start({
    confirmation: { kind: 'later', refusal: Promise.resolve(undefined) },
  });
  expect(await it.ssh([ALICE, 'echo in; sleep 0.3; echo still'])).toMatchObject({
    stdout: 'in\nstill',
    exitCode: 0,
  });
});
