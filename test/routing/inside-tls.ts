import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { whoIs } from './raw-tricks.ts';
import type { Stage, Trick } from './trick.ts';

/** ms */
const PATIENCE = 30_000;

/** Asks with SNI bob, and inside a real TLS connection for `who`: who answers, and for whom they think they were asked. */
export function overTls(version: '1.1' | '2', who: 'alice' | 'bob'): Trick['play'] {
  return async (stage) => {
    stage.bob.backend.openTls(stage.certificate);
    const ask = version === '2' ? askHttp2 : askHttp1;
    const [nonce = '', host = ''] = (await ask(stage, stage[who].host)).split(' ');
    const asked = ([stage.alice, stage.bob] as const).findIndex((place) => place.host === host);
    return [whoIs(nonce, stage) ?? nonce, `asked for ${['alice', 'bob'][asked] ?? host}`];
  };
}

async function askHttp1(stage: Stage, host: string): Promise<string> {
  const asking = request({
    host: '127.0.0.1',
    port: stage.ports.https,
    servername: stage.bob.host,
    ca: stage.certificate.pem,
    headers: { host },
    // The certificate is for all that the tests make up.
    checkServerIdentity: () => undefined,
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
  });
  asking.end();
  const [response] = await once(asking, 'response');
  return await text(response);
}

async function askHttp2(stage: Stage, authority: string): Promise<string> {
  const session = connectHttp2(`https://127.0.0.1:${stage.ports.https}`, {
    servername: stage.bob.host,
    ca: stage.certificate.pem,
    checkServerIdentity: () => undefined,
  });
  try {
    const stream = session.request(
      { ':path': '/', ':authority': authority },
      { signal: AbortSignal.timeout(PATIENCE) },
    );
    return await text(stream);
  } finally {
    session.destroy();
  }
}
