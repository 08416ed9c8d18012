import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AdminAccess } from './admin-access.ts';

/** ms; a healthy API answers in a few. */
const REQUEST_LIMIT = 3_000;
/** Bytes of a body, for which a list of all nodes is small; who is root in a node may answer without an end. */
const BODY_LIMIT = 16 * 2 ** 20;

/** The few questions we have for a cluster's API, asked as its admin. */
export interface KubeApi {
  /** The body of a GET answered with 200; undefined for any other answer, or none. */
  get(path: string, signal: AbortSignal): Promise<string | undefined>;
}

/** With the one thing that we change in a cluster. */
export interface KubeAdmin extends KubeApi {
  /** Whether a DELETE was answered with 200 or 202, or with 404, as what is not there need not go. */
  remove(path: string, signal: AbortSignal): Promise<boolean>;
}

const REMOVED: ReadonlySet<number> = new Set([200, 202, 404]);

export function createKubeApi(host: string, port: number, access: AdminAccess): KubeAdmin {
  const credentials = {
    ca: Buffer.from(access.ca, 'base64'),
    cert: Buffer.from(access.certificate, 'base64'),
    key: Buffer.from(access.key, 'base64'),
  };
  const ask = (method: 'GET' | 'DELETE', path: string, signal: AbortSignal) =>
    answerOf(signal, (bounded) =>
      httpsRequest({ host, port, method, path, agent: false, signal: bounded, ...credentials }),
    );
  return {
    async get(path, signal) {
      const answer = await ask('GET', path, signal);
      return typeof answer === 'object' && answer.status === 200 ? answer.body : undefined;
    },
    async remove(path, signal) {
      const answer = await ask('DELETE', path, signal);
      return typeof answer === 'object' && REMOVED.has(answer.status);
    },
  };
}

/**
 * What the ingress at `host` says to a request for no host it knows: `answers` (404 is an answer), `refuses` where nothing
 * listens, or `silent`.
 */
export async function ingressAt(
  host: string,
  signal: AbortSignal,
): Promise<'answers' | 'refuses' | 'silent'> {
  const answer = await answerOf(signal, (bounded) =>
    httpRequest({
      host,
      port: 80,
      path: '/',
      agent: false,
      signal: bounded,
      headers: { host: 'readiness.invalid' },
    }),
  );
  if (typeof answer === 'object') return 'answers';
  return answer === 'ECONNREFUSED' ? 'refuses' : 'silent';
}

type Answer = { readonly status: number; readonly body: string };

/** The answer, or the code of the error that there was instead. */
function answerOf(
  signal: AbortSignal,
  open: (bounded: AbortSignal) => ReturnType<typeof httpRequest>,
): Promise<Answer | string> {
  const { promise, resolve } = Promise.withResolvers<Answer | string>();
  const request = open(AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT)]));
  const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name);
  request.on('error', failed);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_LIMIT) response.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.on('error', failed);
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
    );
  });
  request.end();
  return promise;
}
