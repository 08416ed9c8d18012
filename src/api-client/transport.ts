import { Readable } from 'node:stream';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Agent } from 'undici';

/** Sends a request and resolves with the head of its answer, as `fetch` does. Rejects where there is none. */
export type Transport = (request: Request) => Promise<Response>;

/** One that holds connections. */
export interface OpenTransport extends AsyncDisposable {
  readonly send: Transport;
}

/** Signs of life come more often than that in an answer that does not end, ms. */
const SILENCE = 60_000;

/**
 * Over TCP, or a Unix socket where `socketPath` is given. How long the head of an answer may take is the caller's to say, by the
 * request's signal: some calls last as long as a cluster takes to start.
 */
export function openTransport({ socketPath }: { readonly socketPath?: string } = {}): OpenTransport {
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: SILENCE,
    ...(socketPath === undefined ? {} : { connect: { socketPath } }),
  });
  return {
    async send(request) {
      const { origin, pathname, search } = new URL(request.url);
      const { statusCode, headers, body } = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method: methodOf(request),
        headers: Object.fromEntries(request.headers),
        body: request.body === null ? null : await request.text(),
        signal: request.signal,
      });
      return responseOf(statusCode, headers, body);
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** To a server of this process, without a connection. */
export function inProcessTransport(app: Pick<FastifyInstance, 'inject'>): Transport {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const answer = await app.inject({
      method: methodOf(request),
      url: `${pathname}${search}`,
      headers: Object.fromEntries(request.headers),
      ...(request.body === null ? {} : { payload: await request.text() }),
      payloadAsStream: true,
      signal: request.signal,
    });
    return responseOf(answer.statusCode, answer.headers, answer.stream());
  };
}

const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const satisfies readonly HTTPMethods[];

function methodOf({ method }: Request): (typeof METHODS)[number] {
  const known = METHODS.find((each) => each === method);
  if (known === undefined) throw new Error(`a request with ${method}`);
  return known;
}

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

function responseOf(status: number, headers: Headers, body: Readable): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  return new Response(Readable.toWeb(body), { status, headers: pairs });
}

/** Rejects, in the middle of the answer where it must be, one that holds more bytes than `most`; a stream of events has no end. */
export function bounded(send: Transport, most: number, endless: string): Transport {
  return async (request) => {
    const response = await send(request);
    const isEndless = response.headers.get('content-type')?.startsWith(endless) ?? false;
    if (isEndless || response.body === null) return response;
    const { status, headers } = response;
    return new Response(response.body.pipeThrough(limit(most)), { status, headers });
  };
}

function limit(most: number): TransformStream<Uint8Array, Uint8Array> {
  let count = 0;
  return new TransformStream({
    transform(chunk, controller) {
      count += chunk.byteLength;
      if (count > most) controller.error(new Error(`an answer of more than ${most} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
