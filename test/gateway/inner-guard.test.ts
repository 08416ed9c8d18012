import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import ssh2, { type Connection } from 'ssh2';
import { expect, test } from 'vitest';
import { guardInner } from '../../src/gateway/inner/inner-guard.ts';
import { VirtualClock } from '../../src/time/testing/virtual-clock.ts';
import { GatewayUnderTest, until } from './gateway-under-test.ts';
import { belowClient } from './raw-protocol.ts';

test('a server that begins a key exchange and is silent is ended after 20 s', async () => {
  await using it = await GatewayUnderTest.start();
  const clock = new VirtualClock();
  const over = new AbortController();
  const hostKeys = [await readFile(join(it.folder, 'inner_host_key'), 'utf8')];
  const path = join(it.folder, 'silent.sock');
  const { promise: accepted, resolve } = Promise.withResolvers<Connection>();
  const server = new ssh2.Server({ hostKeys }, resolve).listen(path);
  server.on('connection', (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
  });
  await once(server, 'listening');
  const stream = connect(path);
  const client = new ssh2.Client();
  client.connect({ sock: stream, username: 'alice' });
  guardInner(client, stream, {
    rekeyTimeout: 20_000,
    over: over.signal,
    drop: () => over.abort(),
    clock,
    logger: pino({ level: 'silent' }),
  });
  await once(client, 'ready');

  const connection = await accepted;
  connection.socket.pause();
  belowClient(connection)._protocol.rekey();
  await until(() => clock.pending === 1);
  await clock.advance(19_999);
  expect(over.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(over.signal.aborted).toBe(true);
  stream.destroy();
  server.close();
});
