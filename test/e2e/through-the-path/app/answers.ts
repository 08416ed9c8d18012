import { createHash } from 'node:crypto';
import { content } from './content.ts';
import type { Answer } from './web.ts';

/** What the app says of a request. */
export interface Echo {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly trailers: Readonly<Record<string, string>>;
  /** Of the body. */
  readonly length: number;
  /** SHA-256 of the body, in hex. */
  readonly sum: string;
}

export const echo: Answer = async (_url, request, response) => {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    length += chunk.length;
  }
  const { method, httpVersion, headers, trailers } = request;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ method, httpVersion, headers, trailers, length, sum: hash.digest('hex') }));
};

/** Of `/document`. */
export const DOCUMENT = { bytes: 1000, tag: '"one"' } as const;

/** A document that knows its version (RFC 9110 §13) and gives out one range of it (§14). */
export const document: Answer = (_url, request, response) => {
  response.setHeader('ETag', DOCUMENT.tag);
  response.setHeader('Accept-Ranges', 'bytes');
  if (request.headers['if-none-match'] === DOCUMENT.tag) return void response.writeHead(304).end();
  const body = Buffer.concat([...content(DOCUMENT.bytes)]);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.setHeader('Content-Length', body.length);
    return void response.end(body);
  }
  const [from, to] = [Number(range[1]), Number(range[2])];
  response.setHeader('Content-Range', `bytes ${from}-${to}/${body.length}`);
  response.writeHead(206).end(body.subarray(from, to + 1));
};

export const trailers: Answer = (_url, _request, response) => {
  response.setHeader('Trailer', 'X-Sum');
  response.write('body');
  response.addTrailers({ 'X-Sum': 'of the body' });
  response.end();
};

/** Early hints (RFC 8297) before the answer. */
export const interim: Answer = (_url, _request, response) => {
  response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
  response.end('answer');
};
