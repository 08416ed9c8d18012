import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Connection } from 'ssh2';
import { expect, test } from 'vitest';
import { createLogger } from '../../logging/logger.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { ConnectionLifetime } from './connection-lifetime.ts';

class FakeConnection extends EventEmitter {
  readonly socket = new PassThrough();
  readonly authenticated: boolean;
  /** Who waits for the client's answers. */
  readonly pings: (() => void)[] = [];

  constructor(authenticated: boolean) {
    super();
    this.authenticated = authenticated;
  }

  ping(answered: () => void): void {
    this.pings.push(answered);
  }

  end(): void {}
}

function start({ authenticated = true } = {}) {
  const clock = new VirtualClock();
  const connection = new FakeConnection(authenticated);
  const lifetime = new ConnectionLifetime(
    connection as unknown as Connection,
    { reading: 10_000 },
    clock,
    createLogger('silent'),
  );
  return { clock, connection, lifetime };
}

test('who is told why they must go gets half a second once their client has read it, however late that is', async () => {
  const { clock, connection, lifetime } = start();
  lifetime.endSoon('max_session');
  await clock.advance(9_000);
  connection.pings[0]?.();
  await clock.advance(499);
  expect(lifetime.reason).toBeUndefined();
  await clock.advance(1);
  expect(lifetime.reason).toBe('max_session');
});

test('a client that does not answer is ended all the same', async () => {
  const { clock, lifetime } = start();
  lifetime.endSoon('idle');
  await clock.advance(9_999);
  expect(lifetime.reason).toBeUndefined();
  await clock.advance(1);
  expect(lifetime.reason).toBe('idle');
});

test('before the login no client is asked, and none stays for it', async () => {
  const { clock, connection, lifetime } = start({ authenticated: false });
  lifetime.endSoon('restart');
  await clock.advance(500);
  expect([lifetime.reason, connection.pings]).toEqual(['restart', []]);
});

test('the end of the gateway waits for no answer', () => {
  const { lifetime } = start();
  lifetime.endSoon('max_session');
  lifetime.end('restart');
  expect(lifetime.reason).toBe('max_session');
});

test('who goes meanwhile leaves no timer, and an answer that comes later does nothing', async () => {
  const { clock, connection, lifetime } = start();
  lifetime.endSoon('operator');
  connection.emit('close');
  connection.pings[0]?.();
  // The socket's own, that it takes what was written.
  await clock.advance(2_000);
  expect([lifetime.reason, clock.pending]).toEqual(['operator', 0]);
});
