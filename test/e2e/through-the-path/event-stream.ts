import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Way } from './way.ts';

/** A stream of events that has begun. */
export async function openEvents(way: Way) {
  const id = randomUUID();
  const request = way.open(`/events?id=${id}`, { headers: { 'accept-encoding': 'gzip, br, zstd' } });
  request.end();
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no response');
  // Of a stream that ends in the middle.
  response.on('error', () => undefined);
  const [first] = await once(response, 'data');
  return { id, request, response, first: String(first) };
}
