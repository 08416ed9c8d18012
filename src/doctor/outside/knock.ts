import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import ssh2 from 'ssh2';
import { Client } from 'undici';
import type { ListenAddress } from '../../config/factory-config.ts';
import { formatListen } from '../../config/listen-address.ts';
import { orAborted } from '../../time/or-aborted.ts';

/**
 * What tells who answers at an address, and gives away nothing: the same from two addresses is the same program. Rejects where
 * nobody answers, and with the reason of `signal`.
 */
export type Knock = (at: ListenAddress, name: string, signal: AbortSignal) => Promise<string>;

/** Of the page at `/`, more of it is not read; bytes. */
const LARGEST_PAGE = 256 * 1024;

/** The front page under the factory's own name, which tells the domain and the way in by SSH. */
export const knockHttp: Knock = async (at, name, signal) => {
  const client = new Client(`http://${formatListen(at)}`, { maxResponseSize: LARGEST_PAGE });
  try {
    const answer = await client.request({ method: 'GET', path: '/', headers: { host: name }, signal });
    const body = await answer.body.text();
    return digest(`${answer.statusCode} ${answer.headers.location ?? ''}\n${body}`);
  } finally {
    await client.destroy();
  }
};

/** The certificate, or how the handshake is refused: without one for that name Traefik shows none. */
export const knockTls: Knock = async (at, name, signal) => {
  // Nothing is sent, and who it is is what is asked.
  const socket = connect({ ...at, servername: name, rejectUnauthorized: false });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.on('error', (error: NodeJS.ErrnoException) =>
    error.code?.startsWith('ERR_SSL_') ? resolve(error.code) : reject(error),
  );
  socket.once('close', () => reject(new Error('it hung up')));
  socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256));
  try {
    return await orAborted(promise, signal);
  } finally {
    socket.destroy();
  }
};

/** The host key, before anybody logs in. */
export const knockSsh: Knock = async (at, _, signal) => {
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  client.on('error', reject);
  client.once('close', () => reject(new Error('it hung up')));
  client.connect({
    ...at,
    username: 'doctor',
    hostVerifier: (key: Buffer) => {
      resolve(digest(key));
      return false;
    },
  });
  try {
    return await orAborted(promise, signal);
  } finally {
    client.destroy();
  }
};

function digest(what: string | Buffer): string {
  return createHash('sha256').update(what).digest('hex');
}
