import { once } from 'node:events';
import { connect } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import type { Echo } from './app/answers.ts';
import { echoOf } from './uploads.ts';
import type { Way } from './way.ts';

/** HTTP/2 on one connection: by ALPN over TLS, with prior knowledge in the clear (RFC 9113 §3). */
export async function openHttp2(way: Way) {
  const socket = await way.connect(['h2']);
  const scheme = way.name === 'HTTPS' ? 'https' : 'http';
  let connections = 0;
  const createConnection = () => {
    connections++;
    return socket;
  };
  const session = connect(`${scheme}://${way.host}`, { createConnection });
  await once(session, 'remoteSettings');
  return {
    get connections() {
      return connections;
    },
    /** What the app saw of a request with this nonce. */
    async echo(nonce: string): Promise<Echo> {
      const stream = session.request({ ':path': '/echo', ':method': 'POST', 'x-nonce': nonce });
      stream.end(nonce);
      return echoOf(await buffer(stream));
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => session.close(resolve));
    },
  };
}
