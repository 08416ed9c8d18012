import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freeRoutes } from './free-routes.ts';

test('what somebody listens on gives way to a free port, and nothing else does', async () => {
  const host = '127.0.0.1';
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const taken = { host, port: address.port };
  const free = { host, port: 0 };
  const rest = { reserved: ['www'], trustedProxies: [] };
  expect(await freeRoutes({ ...rest, http: taken, https: free, kube: free })).toEqual({
    ...rest,
    http: free,
    https: free,
    kube: free,
  });
  server.close();
  await once(server, 'close');
  expect(await freeRoutes({ ...rest, http: taken, https: free, kube: free })).toEqual({
    ...rest,
    http: taken,
    https: free,
    kube: free,
  });
});
