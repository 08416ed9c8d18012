import { Pool } from 'undici';
import { clientHello } from './client-hello.ts';
import { RawConnection } from './raw-connection.ts';

/** Who answers for a name: by HTTP and by TLS the first line of the answer, which with our backends is their nonce. */
export interface WhoAnswers {
  http(host: string): Promise<{ readonly status: number; readonly body: string }>;
  /** '' where TLS is refused. */
  tls(host: string): Promise<string>;
  close(): Promise<void>;
}

export function createWhoAnswers(ports: { http: number; https: number }): WhoAnswers {
  const pool = new Pool(`http://127.0.0.1:${ports.http}`, { connections: 16 });
  return {
    async http(host) {
      const { statusCode, body } = await pool.request({
        path: '/',
        method: 'GET',
        headers: { host },
        headersTimeout: 30_000,
      });
      return { status: statusCode, body: await body.text() };
    },
    async tls(host) {
      using connection = await RawConnection.to(ports.https);
      await connection.send(clientHello({ names: [host] }));
      const { bytes, open } = await connection.received(() => false);
      if (open) throw new Error(`TLS for ${host} hangs`);
      return isAlert(bytes) ? '' : bytes.toString('latin1');
    },
    close: () => pool.close(),
  };
}

/** Nothing at all, or a TLS alert (RFC 8446 §6). */
function isAlert(bytes: Buffer): boolean {
  return bytes.length === 0 || bytes[0] === 21;
}
