import type { ServerResponse } from 'node:http';
import type { Answer } from './web.ts';

/** Streams of server-sent events that clients listen to, by the name that they gave. */
export const openEvents = new Map<string, ServerResponse>();

/** Begins with one event; the next comes when it is asked for by another request. */
export const events: Answer = (url, _request, response) => {
  const name = url.searchParams.get('id') ?? '';
  openEvents.set(name, response);
  response.on('close', () => openEvents.delete(name));
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  response.write('data: first\n\n');
};

export const emit: Answer = (url, _request, response) => {
  openEvents.get(url.searchParams.get('id') ?? '')?.write('data: next\n\n');
  response.end();
};
