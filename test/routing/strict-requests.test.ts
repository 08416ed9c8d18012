import { expect, test } from 'vitest';
import { readStrictly } from './strict-requests.ts';

const read = (text: string) => readStrictly(Buffer.from(text, 'latin1'));

test.each([
  ['no body', 'GET /a HTTP/1.1\r\nHost: alice\r\n\r\n', ''],
  ['a length', 'POST /a HTTP/1.1\r\nHost: alice\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
  [
    'chunks',
    'POST /a HTTP/1.1\r\nHost: alice\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'hello',
  ],
])('reads a request with %s, and leaves what is behind it', (_, text, body) => {
  const request = expect.objectContaining({ target: '/a', host: 'alice', body });
  expect(read(`${text}rest`)).toEqual({ kind: 'request', request, rest: Buffer.from('rest') });
});

test.each([
  ['no Host', 'GET / HTTP/1.1\r\nX: y\r\n\r\n'],
  ['two', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['a folded line', 'GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n'],
  ['a space before a colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['a null', 'GET / HTTP/1.1\r\nHost: a\0\r\n\r\n'],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'],
  [
    'both lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a length twice', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello'],
  ['+5', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello'],
  ['05', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 05\r\n\r\nhello'],
  ['another coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  [
    'an extension',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\n\r\n',
  ],
  ['a trailer', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n'],
  ['text', 'hello\r\n\r\n'],
])('%s is a fault', (_, text) => {
  expect(read(text).kind).toBe('fault');
});
