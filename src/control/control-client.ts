import { Client } from 'undici';
import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import type { DrainRequestBody } from './drain-request.ts';
import {
  type DrainStatus,
  drainStatusSchema,
  type FactoryStatus,
  factoryStatusSchema,
} from './status-schema.ts';

/** A running factory, as the operator of its machine talks to it. Calls reject with `NOT_RUNNING`, `CONTROL_FAILED`. */
export interface ControlClient extends AsyncDisposable {
  status(signal: AbortSignal): Promise<FactoryStatus>;
  drain(request: DrainRequestBody, signal: AbortSignal): Promise<DrainStatus>;
  cancelDrain(signal: AbortSignal): Promise<void>;
}

/** ms */
const ANSWER_LIMIT = 40_000;

type Call = (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  signal: AbortSignal,
  body?: object,
) => Promise<unknown>;

/** `path`: of the control socket. Connects with the first call. */
export function createControlClient(path: string): ControlClient {
  const client = new Client('http://factory', {
    socketPath: path,
    headersTimeout: ANSWER_LIMIT,
    bodyTimeout: ANSWER_LIMIT,
  });
  const call: Call = async (method, url, signal, body) => {
    try {
      const { statusCode, body: answer } = await client.request({
        method,
        path: url,
        signal,
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await answer.text();
      if (statusCode < 300) return text === '' ? undefined : JSON.parse(text);
      throw refused(statusCode, text);
    } catch (error) {
      throw asControlError(error, signal);
    }
  };
  return {
    status: async (signal) => understood(factoryStatusSchema, await call('GET', '/status', signal)),
    drain: async (request, signal) =>
      understood(drainStatusSchema, await call('POST', '/drain', signal, request)),
    cancelDrain: async (signal) => void (await call('DELETE', '/drain', signal)),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** After an upgrade the program and the factory that still runs can be of different versions. */
function understood<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new FactoryError(
    'CONTROL_FAILED',
    'The running factory answers in other words, so it is of another version; restart it.',
    { detail: z.prettifyError(parsed.error) },
  );
}

function refused(status: number, text: string): FactoryError {
  return new FactoryError('CONTROL_FAILED', 'The running factory could not do that; see its log.', {
    detail: `status ${status}: ${text.slice(0, 1_000)}`,
  });
}

function asControlError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof FactoryError || signal.aborted) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new FactoryError(
      'NOT_RUNNING',
      'No factory runs on this data folder; start it (npm start, or its service), or give the --config of the one that runs.',
    );
  }
  return new FactoryError(
    'CONTROL_FAILED',
    'The running factory does not answer as it should; see its log.',
    {
      cause: error,
    },
  );
}
