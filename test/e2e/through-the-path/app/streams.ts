import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { content } from './content.ts';
import type { Answer } from './web.ts';

/** How many bytes of a download have been taken from the app, by its name. */
export const written = new Map<string, number>();

/** A download, as fast as it is read. */
export const stream: Answer = async (url, _request, response) => {
  const bytes = Number(url.searchParams.get('bytes'));
  const name = url.searchParams.get('id') ?? '';
  response.setHeader('Content-Length', bytes);
  await pipeline(Readable.from(counted(name, bytes)), response);
};

function* counted(name: string, bytes: number): Generator<Buffer> {
  written.set(name, 0);
  for (const block of content(bytes)) {
    yield block;
    written.set(name, (written.get(name) ?? 0) + block.length);
  }
}
