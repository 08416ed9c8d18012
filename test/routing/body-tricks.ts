import { get, raw } from './raw-tricks.ts';
import { CHUNKED, ONE, post, REFUSED, within } from './smuggled.ts';
import type { Trick, TrickTable } from './trick.ts';

/** Bytes as they are. */
function bytes(
  sends: string,
  answers: readonly string[],
  write: (alice: string, bob: string) => string,
  because?: string,
): Trick {
  const play = raw(({ alice, bob }) => write(alice, bob));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

function start(host: string): string {
  return `GET / HTTP/1.1\r\nHost: ${host}`;
}

export const BODIES: TrickTable = {
  title: 'Line ends, and bodies where there is none',
  about:
    'A request for bob in the place of a body, where one of two servers could think that there is no body.',
  tricks: [
    bytes('a plain GET', ONE, (alice) => get(alice), 'the control'),
    bytes(
      'bare line feeds alone',
      ONE,
      (alice) => get(alice).replaceAll('\r\n', '\n'),
      'line ends (RFC 9112 §2.2)',
    ),
    bytes(
      'two bare line feeds and a request for bob',
      ['alice', 'bob', 'goes on'],
      (alice, bob) => `${start(alice)}\nX: y\n\n${get(bob)}`,
      'two requests',
    ),
    bytes('carriage returns alone', REFUSED, (alice) => `${get(alice).replaceAll('\r\n', '\r')}\r\n\r\n`),
    bytes('two carriage returns and a line feed', REFUSED, (alice) => `${start(alice)}\r\r\n\r\n`),
    bytes('a field without a name', REFUSED, (alice, bob) => `${start(alice)}\r\n: ${bob}\r\n\r\n`),
    bytes('a field without a colon', REFUSED, (alice) => `${start(alice)}\r\nnothing\r\n\r\n`),
    bytes(
      'a GET with a body',
      ONE,
      (alice, bob) => `${start(alice)}\r\nContent-Length: ${within(bob).length}\r\n\r\n${within(bob)}`,
    ),
    bytes(
      'a GET with chunks',
      ONE,
      (alice) => `${start(alice)}\r\n${CHUNKED}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ),
    bytes('a TRACE with a body', ONE, (alice) =>
      post(alice, ['Content-Length: 5'], 'hello').replace('POST', 'TRACE'),
    ),
    bytes('`OPTIONS *` with a body', ['200', 'goes on'], (alice, bob) =>
      post(alice, [`Content-Length: ${within(bob).length}`], within(bob)).replace('POST /', 'OPTIONS *'),
    ),
    bytes(
      'a CONNECT, and a request for bob as if it were a tunnel',
      ['alice', 'bob', 'goes on'],
      (alice, bob) => `CONNECT ${alice}:80 HTTP/1.1\r\nHost: ${alice}:80\r\n\r\n${get(bob)}`,
      'no tunnel: two requests',
    ),
    bytes(
      'HTTP/1.0 with chunks',
      ['alice', '400', 'closed'],
      (alice) => post(alice, [CHUNKED, 'Connection: keep-alive'], '0\r\n\r\n').replace('1.1', '1.0'),
      'HTTP/1.0 has none: no body arrives',
    ),
    bytes(
      "nobody's host with a body",
      ['404', 'goes on'],
      (alice, bob) => post(`x${alice}`, [`Content-Length: ${within(bob).length}`], within(bob)),
      'the body is taken off the connection',
    ),
    bytes('an upgrade that alice refuses, with a body', ['alice 426', 'goes on'], (alice, bob) =>
      post(
        alice,
        [
          'Connection: Upgrade',
          'Upgrade: websocket',
          'X-Answer: bad-upgrade',
          `Content-Length: ${within(bob).length}`,
        ],
        within(bob),
      ),
    ),
    bytes('`Expect: 100-continue`, and the body at once', ['100', 'alice', 'goes on'], (alice) =>
      post(alice, ['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    ),
    bytes('the same, and alice answers 417', ['100', 'alice 417', 'goes on'], (alice, bob) =>
      post(
        alice,
        ['Expect: 100-continue', 'X-Answer: expectation', `Content-Length: ${within(bob).length}`],
        within(bob),
      ),
    ),
    bytes('`Expect` twice, 100-continue and x', ['100', 'alice', 'goes on'], (alice) =>
      post(alice, ['Expect: 100-continue', 'Expect: x', 'Content-Length: 5'], 'hello'),
    ),
  ],
};
