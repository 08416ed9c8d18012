import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workspace } from '../../test/fresh-names.ts';
import type { Username } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { asleepPage } from './asleep-page.ts';
import { frontPage } from './front-page.ts';
import { loginForHost } from './login-for-host.ts';
import { type HttpHandler, startWebServer, type WebServer } from './web-server.ts';

const workspacesOf = (user: Username) => [workspace(user, 'k3s'), workspace(user, 'charts')];
const hostOf = ({ user, lab }: WorkspaceKey) =>
  lab === 'charts' ? `charts.${user}.lab.example.org` : `${user}.lab.example.org`;

let web: WebServer;
let api: HttpHandler | undefined;
beforeEach(async () => {
  api = undefined;
  web = await startWebServer({
    // Of the configuration, which is compared with the file when that changes.
    listen: Object.freeze({ host: '127.0.0.1', port: 0 }),
    door: () => ({ domain: 'lab.example.org', port: 2222 }),
    loginFor: (host) => loginForHost(host, { domain: 'lab.example.org', workspacesOf, hostOf }),
    publicUrl: () => 'http://<user>.lab.example.org:8000',
    api: () => api,
    logger: pino({ level: 'silent' }),
  });
});
afterEach(() => web.close());

/** A request as a proxy passes it on, byte for byte; fetch would not set Host. */
async function raw(request: string): Promise<string> {
  const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
  socket.setEncoding('utf8').setTimeout(30_000, () => socket.destroy(new Error('no answer')));
  socket.write(request);
  let answer = '';
  socket.on('data', (text) => {
    answer += text;
  });
  await once(socket, 'close');
  return answer;
}

function asleep(host: string, method = 'GET', rest = '\r\n'): Promise<string> {
  return raw(`${method} /asleep HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${rest}`);
}

test('says that it is well', async () => {
  const answer = await fetch(`${web.url}/healthz`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

test('the front page says what to type', async () => {
  const answer = await fetch(web.url);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  expect(text).toContain('ssh -p 2222 &lt;user&gt;@lab.example.org');
  expect(text).toContain('http://&lt;user&gt;.lab.example.org:8000');
});

describe('the page of a sleeping workspace', () => {
  test('names the host and how its owner wakes it, and is not to be kept', async () => {
    const answer = await asleep('shop.Alice.lab.example.org:8000');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^retry-after: 30\r$/im);
    expect(answer).toMatch(/^cache-control: no-store\r$/im);
    expect(answer).toContain('shop.Alice.lab.example.org:8000 is asleep');
    expect(answer).toContain('<pre>ssh -p 2222 alice@lab.example.org</pre>');
  });

  test.each([
    ['charts.alice.lab.example.org', 'alice/charts'],
    ['a.charts.alice.lab.example.org', 'alice/charts'],
    ['xcharts.alice.lab.example.org', 'alice'],
  ])('names the lab where %s is one of its own', async (host, login) => {
    expect(await asleep(host)).toContain(`<pre>ssh -p 2222 ${login}@lab.example.org</pre>`);
  });

  test.each(['<script>alert(1)</script>.lab.example.org', 'x"onload="y.lab.example.org', "a'&b"])(
    'shows the host %s as text',
    async (host) => {
      const answer = await asleep(host);
      expect(answer).toMatch(/^HTTP\/1\.1 (?:503|400) /);
      expect(answer).not.toContain(host);
      expect(answer).not.toContain('<script');
    },
  );

  test.each(['example.org', 'lab.example.org', 'evillab.example.org', 'a_b.lab.example.org', '127.0.0.1'])(
    'names no owner for %s',
    async (host) => {
      expect(await asleep(host)).toContain('ssh -p 2222 &lt;user&gt;@lab.example.org');
    },
  );

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'answers %s with any body',
    async (method) => {
      const body = 'content-type: application/x-made-up\r\ncontent-length: 5\r\n\r\n<a>&b';
      expect(await asleep('alice.lab.example.org', method, body)).toMatch(/^HTTP\/1\.1 503 /);
    },
  );

  test('answers a large upload', async () => {
    const answer = await fetch(`${web.url}/asleep`, { method: 'POST', body: 'x'.repeat(3_000_000) });
    expect(answer.status).toBe(503);
  });
});

test("the page for a name that is nobody's is the same for each", async () => {
  const ask = (host: string) => raw(`GET /unknown HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const answer = await ask('bob.lab.example.org');
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('<pre>ssh -p 2222 &lt;user&gt;@lab.example.org</pre>');
  const undated = (text: string) => text.replace(/^Date: .*$/im, '');
  expect(undated(await ask('nobody.example.org'))).toBe(undated(answer));
});

describe('the HTTP API', () => {
  test('gets whatever is below its path, with its body', async () => {
    const app = fastify();
    app.post('/api/v1/echo', ({ body }) => ({ echoed: body }));
    await app.ready();
    api = app.routing;
    const said = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect(await (await fetch(`${web.url}/api/v1/echo`, said)).json()).toEqual({ echoed: { a: 1 } });
    expect(await (await fetch(`${web.url}/healthz`)).json()).toEqual({ status: 'ok' });
    await app.close();
  });

  test('is awaited while the factory starts', async () => {
    expect((await fetch(`${web.url}/api/v1/clusters`)).status).toBe(503);
  });
});

test('a path that is none is a mistake of who sends it', async () => {
  expect(await raw('GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('other paths are not there', async () => {
  expect((await fetch(`${web.url}/asleep/../../etc/passwd`)).status).toBe(404);
});

test('an address that is taken is refused in words', async () => {
  const taken = startWebServer({
    listen: { host: '127.0.0.1', port: Number(new URL(web.url).port) },
    door: () => ({ domain: 'lab.example.org', port: 22 }),
    loginFor: (host) => loginForHost(host, { domain: 'lab.example.org', workspacesOf, hostOf }),
    publicUrl: () => 'http://<user>.lab.example.org:8000',
    api: () => api,
    logger: pino({ level: 'silent' }),
  });
  await expect(taken).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});

test('closes though a client keeps its connection', async () => {
  const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await web.close();
  await closed;
});

test('a lab on the own machine says what to type there', () => {
  const door = { domain: 'localhost', command: 'npx ssh-lab-factory try k3s' };
  expect(asleepPage('alice.localhost:8000', 'alice', door)).toContain('npx ssh-lab-factory try k3s');
  const front = frontPage(door, 'http://alice.localhost:8000');
  expect(front).toContain('npx ssh-lab-factory try k3s');
  expect(front).not.toContain('user name');
});
