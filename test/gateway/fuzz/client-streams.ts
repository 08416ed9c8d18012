import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withInnerServer } from './inner-server.ts';
import { play } from './play.ts';
import type { Side } from './side.ts';
import { streamOf } from './stream.ts';
import { plainPayloads } from './wire.ts';

/** SSH_MSG_KEX_ECDH_REPLY: the gateway's answer once the keys are agreed upon. */
const KEX_REPLY = 31;

/** Of the hybrid's part in it, ML-KEM's ciphertext and an X25519 key; bytes. */
const HYBRID_REPLY = 1088 + 32;

/** Hostile clients, of whom a few can log in. */
export const CLIENT_STREAMS: Side = {
  setup: {},
  corpus: join(import.meta.dirname, 'corpus'),
  streamOf,
  start: async (it) => {
    const inner = await withInnerServer(it);
    const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
    const target = { port: it.gateway.address.port, privateKey };
    const report = { answered: 0, exchanges: 0, hybrids: 0 };
    return {
      report,
      play: async (stream) => {
        const { answered, heard } = await play(stream, target);
        if (answered) report.answered += 1;
        const reply = plainPayloads(Buffer.concat(heard)).find(([kind]) => kind === KEX_REPLY);
        if (reply !== undefined) report.exchanges += 1;
        if (reply !== undefined && isHybrid(reply)) report.hybrids += 1;
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
  },
};

/** After the host key comes the gateway's part (RFC 8731 §3). */
function isHybrid(reply: Buffer): boolean {
  return reply.readUInt32BE(5 + reply.readUInt32BE(1)) === HYBRID_REPLY;
}
