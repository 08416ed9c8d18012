import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withInnerServer } from './inner-server.ts';
import { play } from './play.ts';
import type { Side } from './side.ts';
import { streamOf } from './stream.ts';

/** Hostile clients, of whom a few can log in. */
export const CLIENT_STREAMS: Side = {
  setup: {},
  corpus: join(import.meta.dirname, 'corpus'),
  streamOf,
  start: async (it) => {
    const inner = await withInnerServer(it);
    const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
    const target = { port: it.gateway.address.port, privateKey };
    return {
      report: {},
      play: (stream) => play(stream, target),
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
  },
};
