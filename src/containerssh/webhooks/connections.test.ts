import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { captured } from '../testing/captures.ts';
import { MemorySessions } from '../testing/memory-sessions.ts';
import { AUTHORIZATION, serveWebhooks } from '../testing/serve-webhooks.ts';

const { body } = captured('pubkey-success').request;
const text = JSON.stringify(body);
const head = `POST /pubkey HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: ${AUTHORIZATION}\r\n`;
const whole = `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
const limits = { idle: 300, request: 600 };

/** A connection that says `start`, and what was answered until the server ended it. */
async function untilClosed(
  port: number,
  start: string,
): Promise<{ readonly ms: number; readonly answer: string }> {
  const begun = performance.now();
  const socket = await open(port);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  if (start !== '') socket.write(start);
  await closeOf(socket);
  return { ms: performance.now() - begun, answer };
}

/** However it ends. */
function closeOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

test('idle connections, as ContainerSSH leaves them, are ended; meanwhile others are answered', async () => {
  await using webhooks = await serveWebhooks({ limits });
  const idle = Array.from({ length: 18 }, () => untilClosed(webhooks.port, whole));
  expect((await webhooks.post('/pubkey', body)).status).toBe(200);
  for (const { ms, answer } of await Promise.all(idle)) {
    expect(answer).toContain('"success":true');
    // Node itself would leave them open for a minute and more.
    expect(ms).toBeLessThan(30_000);
  }
});

test.each([
  ['that never says a word', ''],
  ['whose head does not end', head],
  ['whose body does not come', `${head}Content-Length: 100\r\n\r\n{`],
])('a connection %s is ended', async (_, start) => {
  await using webhooks = await serveWebhooks({ limits });
  const { ms, answer } = await untilClosed(webhooks.port, start);
  expect(ms).toBeLessThan(30_000);
  expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true);
  expect((await webhooks.post('/pubkey', body)).status).toBe(200);
});

test('a body that comes a byte at a time is cut off', async () => {
  await using webhooks = await serveWebhooks({ limits });
  const socket = await open(webhooks.port);
  socket.write(`${head}Content-Length: 60000\r\n\r\n`);
  const dripping = setInterval(() => socket.write(' '), 20);
  await closeOf(socket);
  clearInterval(dripping);
});

test('of one without the secret no body is read', async () => {
  await using webhooks = await serveWebhooks({ limits: { request: 60_000, idle: 60_000 } });
  const stranger = head.replace(AUTHORIZATION, 'Basic eDp4');
  const { answer } = await untilClosed(webhooks.port, `${stranger}Content-Length: 60000\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test('answers come in time under the load of a class, also while workspaces are on their way', async () => {
  const sessions = new MemorySessions('waking');
  await using webhooks = await serveWebhooks({ sessions, limits: { answer: 1_500 } });
  const config = captured('config-connection-mode').request.body;
  const timed = async (path: string, call: Record<string, unknown>) => {
    const begun = performance.now();
    const { status } = await webhooks.post(path, call);
    return { status, ms: performance.now() - begun };
  };
  const ids = Array.from({ length: 50 }, (_, index) => index.toString(16).padStart(32, '0'));
  for (const connectionId of ids) await webhooks.askKey({ ...config, connectionId });
  const waiting = ids.map((connectionId) => timed('/config', { ...config, connectionId }));
  const asking = ids.map((connectionId) => timed('/pubkey', { ...body, connectionId }));
  const answered = await Promise.all([...waiting, ...asking]);
  expect(answered.map(({ status }) => status).toSorted()).toEqual([
    ...ids.map(() => 200),
    ...ids.map(() => 503),
  ]);
  // One after the other they would take 75 s.
  expect(Math.max(...answered.map(({ ms }) => ms))).toBeLessThan(15_000);
});

test('too many tries are a no, at once: 429 would be a failure to ContainerSSH', async () => {
  const attempts = { perAddress: 6, perUser: 3, perStranger: 30 };
  await using webhooks = await serveWebhooks({ limits: { attempts } });
  const ask = async (username: string, from: string, path = '/pubkey') => {
    const call = captured(path === '/pubkey' ? 'pubkey-success' : 'config-connection-mode').request.body;
    const said = { ...call, username, authenticatedUsername: username, remoteAddress: from };
    const { status, body: answer } = await webhooks.post(path, said);
    expect(status).toBe(200);
    return answer;
  };
  const yes = expect.objectContaining({ success: true });
  const no = expect.objectContaining({ success: false });

  // By the user, whichever of their labs and wherever from; another user is not concerned.
  for (const name of ['bob', 'bob/k3s', 'BOB+plain']) expect(await ask(name, '192.0.2.1:1')).toEqual(yes);
  expect(await ask('bob', '192.0.2.2:1')).toEqual(no);
  expect(await ask('alice', '192.0.2.2:1')).toEqual(yes);
  expect(await ask('bob/k3s', '192.0.2.2:1', '/config')).toMatchObject({ config: { backend: 'refused' } });

  // By the address, whatever the port and the user.
  for (let port = 1; port <= 6; port++) await ask(`nobody-${port}`, `192.0.2.9:${port}`);
  expect(await ask('meta-carol', '192.0.2.9:99')).toEqual(no);
  expect(await ask('meta-carol', '192.0.2.10:99')).toEqual(yes);
  // One IPv6 client has a whole /64.
  for (let host = 1; host <= 6; host++) await ask(`nobody-${host}`, `[2001:db8::${host}]:1`);
  expect(await ask('meta-carol', '[2001:db8::7]:1')).toEqual(no);
  expect(await ask('meta-carol', '[2001:db8:0:1::7]:1')).toEqual(yes);

  const limited = webhooks.audits().filter(({ result }) => result === 'limited');
  expect(limited).toHaveLength(4);
});

test('nobody is kept out of where they have logged in from by who asks for their name elsewhere', async () => {
  const attempts = { perAddress: 100, perUser: 3, perStranger: 30 };
  await using webhooks = await serveWebhooks({ limits: { attempts } });
  const config = captured('config-connection-mode').request.body;
  const home = { remoteAddress: '192.0.2.1:1' };
  await webhooks.askKey({ ...config, ...home });
  expect((await webhooks.post('/config', { ...config, ...home })).body).toMatchObject({
    config: { backend: 'docker' },
  });
  const elsewhere = (port: number) => ({ ...body, remoteAddress: `198.51.100.1:${port}` });
  for (let port = 1; port <= 5; port++) await webhooks.post('/pubkey', elsewhere(port));
  expect((await webhooks.post('/pubkey', elsewhere(6))).body).toMatchObject({ success: false });
  expect((await webhooks.post('/pubkey', { ...body, ...home })).body).toMatchObject({ success: true });
});
