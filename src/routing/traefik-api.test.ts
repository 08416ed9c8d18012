import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { confirmGeneration } from './traefik-api.ts';

test('Traefik is asked on while somebody looks whether it runs, however long that takes', async () => {
  let tookOver = false;
  const traefik = createServer((_request, response) => void response.writeHead(tookOver ? 200 : 404).end());
  await once(traefik.listen(0, '127.0.0.1'), 'listening');
  await using _traefik = { [Symbol.asyncDispose]: async () => void traefik.close() };
  const { port }: AddressInfo = Object(traefik.address());
  let looks = 0;
  await confirmGeneration(`http://127.0.0.1:${port}`, 'one', (signal) => {
    looks += 1;
    tookOver = true;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  expect(looks).toBe(1);
});
