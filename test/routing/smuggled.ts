/** What the attempts at smuggling are made of: a coding of which two servers may think differently, and what it is to hide. */
export const CHUNKED = 'Transfer-Encoding: chunked';

/** What the client gets where alice's workspace has got one request. */
export const ONE = ['alice', 'goes on'];
export const REFUSED = ['400', 'closed'];

/** A whole request for bob of which the last three bytes are still to come. */
export function within(bob: string): string {
  return `GET /smuggled HTTP/1.1\r\nHost: ${bob}\r\nContent-Length: 3\r\n\r\n`;
}

export function post(host: string, fields: readonly string[], body: string): string {
  return ['POST / HTTP/1.1', `Host: ${host}`, ...fields, '', body].join('\r\n');
}
