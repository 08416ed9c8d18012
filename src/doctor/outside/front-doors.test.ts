import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/e2e/harness/certificate.ts';
import { freePort } from '../../../test/e2e/harness/taken-port.ts';
import { judgeDoors } from '../checks/public-ports.ts';
import { type FrontDoor, visitDoor } from './front-doors.ts';
import { type Knock, knockHttp, knockSsh, knockTls } from './knock.ts';

const NAME = 'lab.example.org';
const never = new AbortController().signal;
const resources = new AsyncDisposableStack();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'front-doors-'));
  resources.defer(() => rm(folder, { recursive: true }));
});
afterAll(() => resources.disposeAsync());

/** The port that it listens on until the end of the tests. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  resources.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : Number.NaN;
}

/** What a NAT does: whoever comes to its port comes to that one. */
function bringTo(port: number): Promise<number> {
  const server = createServer((socket) => {
    const inner = connect(port, '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  return listening(server);
}

async function httpServer(): Promise<number> {
  const page = `of ${Math.random()}`;
  return await listening(
    createHttpServer(({ headers }, response) =>
      response.writeHead(headers.host === NAME ? 200 : 404).end(page),
    ),
  );
}

async function tlsServer(): Promise<number> {
  const own = join(folder, String(Math.random()));
  await mkdir(own);
  const { pem, keyPem } = await makeCertificate(own, [NAME]);
  return await listening(createTlsServer({ cert: pem, key: keyPem }));
}

/** As Traefik is without a certificate for the name. */
function refusingTlsServer(): Promise<number> {
  return listening(createTlsServer());
}

async function sshServer(): Promise<number> {
  const key = ssh2.utils.generateKeyPairSync('ed25519').private;
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => client.on('error', () => undefined));
  return await listening(createServer((socket) => server.injectSocket(socket)));
}

describe.each<[FrontDoor['key'], Knock, () => Promise<number>]>([
  ['routes.http', knockHttp, httpServer],
  ['routes.https', knockTls, tlsServer],
  ['ssh.listen', knockSsh, sshServer],
])('%s', (key, knock, start) => {
  async function whoIs(publicPort: number, port: number) {
    const door: FrontDoor = { key, knock, name: NAME, publicPort, listen: { host: '0.0.0.0', port } };
    const visits = await visitDoor(door, ['127.0.0.1'], never);
    return [
      visits[0]?.who,
      judgeDoors([door], visits, []).verdict,
      judgeDoors([door], visits, ['127.0.0.1']).verdict,
    ];
  }

  test('the same, however the way there; another one; nobody; nobody to compare with', async () => {
    const [ours, another, closed] = await Promise.all([start(), start(), freePort()]);
    expect(await whoIs(ours, ours)).toEqual(['ours', 'right', 'right']);
    expect(await whoIs(await bringTo(ours), ours)).toEqual(['ours', 'right', 'right']);
    expect(await whoIs(another, ours)).toEqual(['another', 'wrong', 'wrong']);
    expect(await whoIs(closed, ours)).toEqual(['nobody', 'doubtful', 'wrong']);
    expect(await whoIs(another, closed)).toEqual(['unknown', 'doubtful', 'doubtful']);
  });

  test('one that takes connections and says nothing is given up when told so', async () => {
    const silent = await listening(createServer());
    await expect(
      knock({ host: '127.0.0.1', port: silent }, NAME, AbortSignal.timeout(100)),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

test('a Traefik without a certificate for the name is known by how it refuses', async () => {
  const [ours, another, closed] = await Promise.all([refusingTlsServer(), tlsServer(), freePort()]);
  const door: Omit<FrontDoor, 'publicPort'> = {
    ...{ key: 'routes.kube', knock: knockTls, name: NAME },
    listen: { host: '127.0.0.1', port: ours },
  };
  const whoIs = async (publicPort: number) =>
    (await visitDoor({ ...door, publicPort }, ['127.0.0.1'], never)).map(({ who }) => who);
  expect(await whoIs(await bringTo(ours))).toEqual(['ours']);
  expect(await whoIs(another)).toEqual(['another']);
  expect(await whoIs(closed)).toEqual(['nobody']);
});

test('a free port is one that nobody outside knows', async () => {
  const listen = { host: '127.0.0.1', port: 0 };
  const door: FrontDoor = { key: 'routes.http', knock: knockHttp, name: NAME, publicPort: 80, listen };
  const visits = await visitDoor(door, ['127.0.0.1'], never);
  expect(visits).toEqual([]);
  expect(judgeDoors([door], visits, [])).toMatchObject({
    verdict: 'doubtful',
    remedy: ['in the configuration: routes: { http: "[::]:80" }'],
  });
});
