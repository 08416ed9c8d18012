import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { runFactory } from './harness/factory-command.ts';
import { kubectl } from './harness/kubectl.ts';
import type { SshSession } from './harness/ssh-session.ts';
import { DOCUMENT } from './through-the-path/app/answers.ts';
import { content, contentSum } from './through-the-path/app/content.ts';
import { begunDownload, sumOf } from './through-the-path/downloads.ts';
import { openEvents } from './through-the-path/event-stream.ts';
import { GrpcClient } from './through-the-path/grpc-client.ts';
import { openHttp2 } from './through-the-path/http2-client.ts';
import { echoed } from './through-the-path/messages.ts';
import { openScene, type Scene } from './through-the-path/scene.ts';
import { echoOf, upload } from './through-the-path/uploads.ts';
import { answerTo, type Way } from './through-the-path/way.ts';

/*
 * What goes from a client to an app in a student's cluster: through the edge, which is the factory's Traefik, and the cluster's own.
 * docs/routing.md has the table. Who the client is, as the app sees it, is in main-path.test.ts.
 */
/** Bytes; far more than what is on its way without anybody who reads. */
const LARGE = 200_000_000;

/** ms; a machine that is busy takes less for a request, and who is held up here waits until the others have what they never get. */
const HELD_UP = 30_000;

const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = await openScene(stack);
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => scene.factory.showLogOnFailure(context));

const stateSchema = z.object({ events: z.array(z.string()), written: z.record(z.string(), z.number()) });

/** What the app says of itself. */
async function appState() {
  return stateSchema.parse(JSON.parse((await scene.http.ask('/state')).body.toString()));
}

/** How long the slowest of some requests took, one after the other; ms. */
async function slowestOf(way: Way, requests: number): Promise<number> {
  let slowest = 0;
  for (let made = 0; made < requests; made++) {
    const began = performance.now();
    expect((await way.ask('/echo')).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - began);
  }
  return slowest;
}

describe.each(['http', 'https'] as const)('over %s', (name) => {
  let way: Way;
  beforeAll(() => {
    way = scene[name];
  });

  test('a WebSocket carries a megabyte both ways, pings, and the reason for its end', async () => {
    const socket = await way.webSocket();
    const megabyte = Buffer.concat([...content(2 ** 20)]);
    expect((await echoed(socket, megabyte)).equals(megabyte)).toBe(true);
    for (const text of ['', 'ü', 'x'.repeat(70_000)]) expect(String(await echoed(socket, text))).toBe(text);

    const pong = once(socket, 'pong');
    socket.ping('there?');
    expect(String((await pong)[0])).toBe('there?');

    const closed = once(socket, 'close');
    socket.send('close with 4321');
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4321, 'as you wish']);
  });

  test('HTTP/2: a hundred streams at once on one connection, each with its own answer', async () => {
    await using client = await openHttp2(way);
    const asked = Array.from({ length: 100 }, () => randomUUID());
    const answers = await Promise.all(asked.map((nonce) => client.echo(nonce)));
    expect(answers.map(({ headers }) => headers['x-nonce'])).toEqual(asked);
    expect(client.connections).toBe(1);
  });

  test('gRPC: a call, a failure with its details, and a stream both ways', async () => {
    using client = new GrpcClient(way, scene.certificate.pem);
    expect(await client.once('hello')).toEqual({ text: 'hello', length: '5', code: 0, details: 'OK' });
    expect(await client.once('fail')).toMatchObject({ length: '4', code: 9, details: 'as asked' });
    expect(await client.talk(['one', 'two', 'three'])).toEqual(['one!', 'two!', 'three!']);
  });

  test('server-sent events come one by one, and the app hears that the client has gone', async () => {
    const { id, request, response, first } = await openEvents(way);
    expect(first).toBe('data: first\n\n');
    const next = once(response, 'data');
    await way.ask(`/emit?id=${id}`);
    expect(String((await next)[0])).toBe('data: next\n\n');

    expect((await appState()).events).toContain(id);
    request.destroy();
    await eventually(async () => !(await appState()).events.includes(id), {
      what: 'the app hears of the end',
    });
  });

  test('200 MB up arrive whole, of a length that is said before or not', async () => {
    const sum = contentSum(LARGE);
    const known = await upload(way, content(LARGE), { 'content-length': LARGE });
    expect(known).toMatchObject({ length: LARGE, sum, headers: { 'content-length': String(LARGE) } });
    const chunked = await upload(way, content(LARGE));
    expect(chunked).toMatchObject({ length: LARGE, sum, headers: { 'transfer-encoding': 'chunked' } });
  });

  test('Expect: 100-continue: the app says whether the body is wanted', async () => {
    const headers = { expect: '100-continue', 'content-length': 5 };
    const wanted = way.open('/echo', { method: 'PUT', headers });
    wanted.flushHeaders();
    await once(wanted, 'continue');
    wanted.end('12345');
    expect(echoOf((await answerTo(wanted)).body).length).toBe(5);

    const refused = way.open('/refused', { method: 'PUT', headers });
    refused.flushHeaders();
    expect((await answerTo(refused)).status).toBe(413);
    refused.destroy();
  });

  test('HEAD, 304, one range, trailers, early hints', async () => {
    const whole = Buffer.concat([...content(DOCUMENT.bytes)]);
    const head = await way.ask('/document', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '1000', 0]);
    const same = await way.ask('/document', { headers: { 'if-none-match': DOCUMENT.tag } });
    expect([same.status, same.headers.etag, same.body.length]).toEqual([304, DOCUMENT.tag, 0]);
    const part = await way.ask('/document', { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 10-19/1000']);
    expect(part.body.equals(whole.subarray(10, 20))).toBe(true);
    expect((await way.ask('/trailers')).trailers).toEqual({ 'x-sum': 'of the body' });

    const hinted = way.open('/interim');
    const hints = once(hinted, 'information');
    hinted.end();
    const answer = answerTo(hinted);
    expect((await hints)[0]).toMatchObject({
      statusCode: 103,
      headers: { link: expect.stringMatching(/style/) },
    });
    expect((await answer).status).toBe(200);
  });

  test('trailers of a request are announced to the app and do not arrive', async () => {
    const request = way.open('/echo', { method: 'PUT', headers: { trailer: 'x-sum' } });
    request.write('body');
    request.addTrailers({ 'x-sum': 'of the body' });
    request.end();
    const { headers, length, trailers } = echoOf((await answerTo(request)).body);
    expect({ length, trailer: headers.trailer, trailers }).toEqual({
      length: 4,
      trailer: 'X-Sum',
      trailers: {},
    });
  });

  test('headers of half a megabyte pass; of more than one they are refused with 431', async () => {
    const large = 'x'.repeat(500_000);
    const passed = await way.ask('/echo', { headers: { 'x-large': large } });
    expect(echoOf(passed.body).headers['x-large']).toBe(large);
    const refused = await way.ask('/echo', { headers: { 'x-large': 'x'.repeat(1_200_000) } });
    expect(refused.status).toBe(431);
  });

  test('clients that do not read hold nobody up, and nothing piles up for them', async () => {
    const idle = await Promise.all(
      Array.from({ length: 10 }, (_, index) => begunDownload(way, LARGE, `${name}-${index}`)),
    );
    expect(await slowestOf(way, 30)).toBeLessThan(HELD_UP);
    const { written } = await appState();
    for (const [index, response] of idle.entries()) {
      expect(written[`${name}-${index}`]).toBeLessThan(LARGE / 2);
      response.destroy();
    }
  });

  test('connections that send their headers letter by letter hold nobody up', async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, () => way.connect()));
    for (const socket of slow) socket.write(`GET /echo HTTP/1.1\r\nHost: ${way.host}\r\nX-Slow: `);
    const dribble = async () => {
      for (let letter = 0; letter < 10; letter++) {
        for (const socket of slow) socket.write('x');
        await delay(50);
      }
    };
    const [slowest] = await Promise.all([slowestOf(way, 20), dribble()]);
    expect(slowest).toBeLessThan(HELD_UP);
    for (const socket of slow) socket.write('\r\nConnection: close\r\n\r\n');
    expect(new Set(await Promise.all(slow.map(statusLine)))).toEqual(new Set(['HTTP/1.1 200 OK']));
  });
});

async function statusLine(socket: Socket): Promise<string | undefined> {
  const chunks = await socket.toArray();
  return Buffer.concat(chunks).toString().split('\r\n')[0];
}

test('a thousand connections and five hundred WebSockets at once: nobody fails, each gets its own answers', async () => {
  const { http, https } = scene;
  const sockets = await Promise.all(
    Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? http : https).webSocket()),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1000, maxFreeSockets: 1000 });
  const ports = new Set<number | undefined>();
  const ask = async () => {
    const nonce = randomUUID();
    const request = http.open('/echo', { agent, method: 'POST', headers: { 'x-nonce': nonce } });
    request.end(nonce);
    const { status, body } = await answerTo(request);
    ports.add(request.socket?.localPort);
    expect([status, status === 200 && echoOf(body).headers['x-nonce']]).toEqual([200, nonce]);
  };
  const say = async (socket: (typeof sockets)[number]) => {
    const nonce = randomUUID();
    expect(String(await echoed(socket, nonce))).toBe(nonce);
  };
  for (let round = 0; round < 5; round++) {
    await Promise.all([...Array.from({ length: 1000 }, ask), ...sockets.map(say)]);
  }
  expect(ports.size).toBe(1000);
  agent.destroy();
  for (const socket of sockets) socket.close();
});

test("the cluster's Traefik gives a request as long as the edge does", async () => {
  const args = await kubectl(
    scene.alice,
    "get deployment -n kube-system traefik -o jsonpath='{.spec.template.spec.containers[0].args}'",
  );
  for (const name of ['web', 'websecure']) {
    expect(args).toContain(`--entrypoints.${name}.transport.respondingtimeouts.readtimeout=1h`);
  }
});

describe('a workspace that goes to sleep', () => {
  let again: SshSession;

  test('holds what is under way, which goes on when its owner is back', async () => {
    const { alice, workspace, session, http, https } = scene;
    const downloads = await Promise.all([http, https].map((way) => begunDownload(way, LARGE)));
    const sockets = await Promise.all([http, https].map((way) => way.webSocket()));
    await session.logOut();
    await workspace.becomes('paused');
    const arrived = downloads.map(sumOf);
    const echoes = sockets.map((socket) => echoed(socket, 'said while it sleeps'));

    again = stack.use(await alice.hold());
    for (const sum of await Promise.all(arrived)) expect(sum).toBe(contentSum(LARGE));
    for (const echo of await Promise.all(echoes)) expect(String(echo)).toBe('said while it sleeps');
  });

  test('and is stopped then ends it', async () => {
    const { factory, workspace, http, https } = scene;
    const sockets = await Promise.all([http, https].map((way) => way.webSocket()));
    const events = await Promise.all([http, https].map(openEvents));
    await again.logOut();
    await workspace.becomes('paused');
    const ends = [
      ...sockets.map((socket) => once(socket, 'close').then(([code]) => code)),
      ...events.map(({ response }) =>
        finished(response).then(
          () => 'as if it were whole',
          () => 'cut off',
        ),
      ),
    ];
    const stopped = await runFactory(factory.folder, ['workspace', 'stop', 'alice/k3s']);
    expect(stopped.code, stopped.stderr).toBe(0);
    const late = delay(PATIENCE, 'still open');
    expect(await Promise.race([Promise.all(ends), late])).toEqual([1006, 1006, 'cut off', 'cut off']);
  });
});
