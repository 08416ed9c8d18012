import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpLoad } from './http-load.ts';

let server: Server;
let status = 200;
const connections = new Set<unknown>();
const hosts = new Set<string | undefined>();

beforeEach(async () => {
  status = 200;
  connections.clear();
  server = createServer((request, response) => {
    connections.add(request.socket);
    hosts.add(request.headers.host);
    response.writeHead(status).end('four');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const load = (count: number) => {
  const { port } = server.address() as AddressInfo;
  return new HttpLoad({ host: 'a.test', at: { host: '127.0.0.1', port }, ca: undefined }, count);
};

test('one connection for all, or one for each', async () => {
  using one = load(1);
  expect(await one.latencies(5)).toHaveLength(5);
  expect(connections.size).toBe(1);
  expect(await one.latenciesOfNewConnections(5)).toHaveLength(5);
  expect(connections.size).toBe(6);
  expect([...hosts]).toEqual(['a.test']);
});

test('as many connections as it is told, all of them at work', async () => {
  using several = load(4);
  expect(await several.rate(50)).toBeGreaterThan(20);
  expect(connections.size).toBe(4);
  expect(await several.download()).toBeGreaterThan(0);
});

test('an answer that is not the app’s is no sample', async () => {
  status = 404;
  using one = load(1);
  await expect(one.latencies(1)).rejects.toThrow('a.test answers 404');
});
