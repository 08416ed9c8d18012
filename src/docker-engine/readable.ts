import { Readable } from 'node:stream';

/** dockerode's types promise less than it returns: an `http.IncomingMessage`. */
export function asReadable(stream: NodeJS.ReadableStream): Readable {
  return stream instanceof Readable ? stream : new Readable().wrap(stream);
}
