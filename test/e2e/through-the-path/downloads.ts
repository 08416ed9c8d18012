import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Way } from './way.ts';

/** A download whose client reads what is on its way, and no more until it goes on. */
export async function begunDownload(way: Way, bytes: number, id = ''): Promise<IncomingMessage> {
  const request = way.open(`/stream?bytes=${bytes}&id=${id}`);
  request.end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no response');
  response.pause();
  return response;
}

/** SHA-256 of all that comes; rejects where it ends before its end. */
export async function sumOf(response: IncomingMessage): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk);
  return hash.digest('hex');
}
