import type { RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Echo } from './app/answers.ts';
import { answerTo, type Way } from './way.ts';

/** Sends a body to the app's echo; resolves with what the app got. */
export async function upload(
  way: Way,
  body: Iterable<Buffer> | AsyncIterable<Buffer>,
  headers: RequestOptions['headers'] = {},
): Promise<Echo> {
  const request = way.open('/echo', { method: 'PUT', headers });
  // What ends it early ends the request as well, and is told there. An app that has its answer before our end is no failure.
  pipeline(Readable.from(body), request).catch(() => undefined);
  const answer = await answerTo(request);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return echoOf(answer.body);
}

export function echoOf(body: Buffer): Echo {
  return JSON.parse(body.toString());
}
