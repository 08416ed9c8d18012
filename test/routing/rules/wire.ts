import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** ms; who has not answered by then waits for something that does not come. */
export const AT_ONCE = 30_000;

/** The answer to these bytes: until it is whole by its `Content-Length`, or the other side closes. Rejects where it takes longer than `AT_ONCE`. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.setEncoding('latin1').setTimeout(AT_ONCE, () => socket.destroy(new Error('no answer in time')));
  let answer = '';
  socket.on('data', (text) => {
    answer += text;
    if (isWhole(answer)) socket.destroy();
  });
  // Who answers before all has been sent may close while we send.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  if (answer === '') throw new Error('closed without an answer');
  return answer;
}

function isWhole(answer: string): boolean {
  const [head = '', body] = answer.split(/\r\n\r\n(.*)/s);
  const length = head.match(/^Content-Length: (\d+)$/im)?.[1];
  return length !== undefined && body !== undefined && body.length >= Number(length);
}

/** A request by HTTP/1.1 for one answer; `head`: further lines, each with its end. */
export function request(port: number, host: string, line = 'GET / HTTP/1.1', head = ''): Promise<string> {
  return exchange(port, `${line}\r\nHost: ${host}\r\nConnection: close\r\n${head}\r\n`);
}

/** An answer without what is different each time. */
export function withoutDate(answer: string): string {
  return answer.replace(/^Date: .*\r\n/im, '');
}

/** The code of OpenSSL's error for a handshake, or the certificate that was shown. */
export async function handshake(
  port: number,
  servername: string,
  alpn: readonly string[] = [],
  before = '',
): Promise<string> {
  const options = {
    rejectUnauthorized: false,
    ALPNProtocols: [...alpn],
    ...(servername !== '' && { servername }),
  };
  const to = { host: '127.0.0.1', port };
  // A socket of one's own tells of the end before of the alert, now and then.
  const raw = before === '' ? undefined : connectTcp(to);
  raw?.write(before);
  const socket = connectTls(raw === undefined ? { ...to, ...options } : { socket: raw, ...options });
  socket.setTimeout(AT_ONCE, () => socket.destroy(new Error('no answer in time')));
  try {
    await once(socket, 'secureConnect');
    return fingerprint(socket);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
    raw?.destroy();
  }
}

function fingerprint(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.fingerprint256 ?? 'no certificate';
}

/** What `handshake` gives for a name that is not served. */
export const UNRECOGNIZED_NAME = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';
/** What it gives where the hello came to somebody who does not speak TLS. */
export const PASSED_ON = 'ERR_SSL_WRONG_VERSION_NUMBER';
