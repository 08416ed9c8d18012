import type { FastifyServerOptions } from 'fastify';

/** How long a client may take over what it sends; ms. What it is answered may take as long as it does. */
export interface RequestTimes {
  /** From the first byte, or the connection, to the end of the headers. */
  readonly headers: number;
  /** To the end of the body. */
  readonly request: number;
  /** Between two requests. */
  readonly idle: number;
  /** How often it is looked for those that are over their time. */
  readonly lookEvery: number;
}

export const REQUEST_TIMES: RequestTimes = {
  headers: 15_000,
  request: 30_000,
  idle: 60_000,
  lookEvery: 5_000,
};

/** The same as options of a server. Fastify's own defaults let a body come for ever. */
export function timeOptions({ headers, request, idle, lookEvery }: RequestTimes = REQUEST_TIMES) {
  return {
    requestTimeout: request,
    keepAliveTimeout: idle,
    http: { headersTimeout: headers, connectionsCheckingInterval: lookEvery },
  } satisfies FastifyServerOptions & { http: object };
}
