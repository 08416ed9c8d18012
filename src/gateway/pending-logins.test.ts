import { expect, test } from 'vitest';
import { PendingLogins } from './pending-logins.ts';

const NO_TIMER: Disposable = { [Symbol.dispose]: () => {} };

/** Each connection is called as its address, and comes in this order. */
function pendingFrom(...addresses: readonly string[]): PendingLogins<string> {
  const logins = new PendingLogins<string>();
  for (const address of addresses) logins.add(address, address, NO_TIMER);
  return logins;
}

test('many addresses of one IPv6 network keep nobody else out', () => {
  const logins = pendingFrom(
    '2001:db8:1:1::7',
    '2001:db8::1',
    '2001:db8::2',
    '2001:db8:0:0:ffff::3',
    '192.0.2.1',
  );
  for (const gone of ['2001:db8::1', '2001:db8::2']) {
    expect(logins.firstToGo()).toBe(gone);
    logins.over(gone);
  }
});

test('neighbouring IPv6 networks are different places', () => {
  const logins = pendingFrom('2001:db8:0:1::1', '2001:db8:0:2::1', '2001:db8:0:2::2');
  expect(logins.firstToGo()).toBe('2001:db8:0:2::1');
});

test('over a socket for both, IPv4 clients count by their own address', () => {
  const logins = pendingFrom('::ffff:192.0.2.1', '::ffff:192.0.2.2', '192.0.2.2');
  expect(logins.firstToGo()).toBe('::ffff:192.0.2.2');
});

test('a link-local network is one place whatever its interface', () => {
  const logins = pendingFrom('192.0.2.1', 'fe80::1%eth0', 'fe80::2%eth1');
  expect(logins.firstToGo()).toBe('fe80::1%eth0');
});

test('where all have as many, the oldest goes; where nobody is, nobody', () => {
  expect(pendingFrom('192.0.2.2', '192.0.2.1').firstToGo()).toBe('192.0.2.2');
  expect(pendingFrom().firstToGo()).toBeUndefined();
});

test('a login that is over is forgotten, and its timer disposed once', () => {
  const logins = new PendingLogins<string>();
  let disposed = 0;
  const timer: Disposable = { [Symbol.dispose]: () => void disposed++ };
  logins.add('gone', undefined, timer);
  logins.add('there', '192.0.2.1', NO_TIMER);
  logins.over('gone');
  logins.over('gone');
  expect({ disposed, left: logins.connections() }).toEqual({ disposed: 1, left: ['there'] });
});
