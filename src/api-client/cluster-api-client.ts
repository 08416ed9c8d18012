import createClient from 'openapi-fetch';
import { z } from 'zod';
import type { KubeconfigFor } from '../api/cluster-api-target.ts';
import {
  clusterListSchema,
  clusterLogsSchema,
  clusterSchema,
  extensionSchema,
  progressSchema,
} from '../api/cluster-schema.ts';
import { LONGEST_WAIT } from '../api/endpoints.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { readEventMessages } from '../history/event-messages.ts';
import type { RecordedEvent } from '../history/event-schema.ts';
import { errorOf } from '../http/problem.ts';
import { EVENT_STREAM_TYPE, readMessages } from '../http/server-sent-events.ts';
import type { NodeName } from '../names/node-name.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { components, operations, paths } from './api-types.ts';
import { bounded, type Transport } from './transport.ts';

export type Cluster = components['schemas']['Cluster'];
export type ClusterSummary = components['schemas']['ClusterSummary'];
export type ClusterProgress = components['schemas']['Progress'];
export type ClusterLogs = components['schemas']['ClusterLogs'];

export interface ClusterApiClientOptions {
  /** "https://lab.example.org:8080"; where the transport says where to, only its form counts. */
  readonly baseUrl: string;
  readonly send: Transport;
  /** Asked before each call, so that it can be renewed. */
  readonly token: (signal: AbortSignal) => Promise<string>;
}

/** How long to wait until it is so, ms; undefined: as long as it takes. With 0 the answer comes at once. */
export interface WaitOptions {
  readonly wait?: number | undefined;
}

export interface EnsureOptions extends WaitOptions {
  /** Told of each change of what is done to the container or the cluster meanwhile. */
  readonly onProgress?: (progress: ClusterProgress) => void;
}

export interface EventsOptions {
  readonly kind?: RecordedEvent['kind'] | undefined;
  /** ms since the epoch. */
  readonly since?: number | undefined;
  /** Only those that were kept after the one with this id. */
  readonly after?: number | undefined;
  /** Of what has happened already only so many, the last ones. */
  readonly limit?: number | undefined;
  readonly follow?: boolean | undefined;
}

type ListFilter = NonNullable<operations['list']['parameters']['query']>;

/**
 * The HTTP API. Every call rejects with the `FactoryError` of the problem that it was answered with, under the code and id that the
 * factory's log has; with `API_UNREACHABLE` where there is no answer, or one that is none of the API's; and when `signal` aborts,
 * which calls no order off.
 */
export interface ClusterApiClient {
  list(filter: ListFilter, signal: AbortSignal): Promise<readonly ClusterSummary[]>;
  status(key: WorkspaceKey, signal: AbortSignal): Promise<Cluster>;
  /** Resolves when it is of use, or the wait is over: `ready` says which. */
  ensure(key: WorkspaceKey, options: EnsureOptions, signal: AbortSignal): Promise<Cluster>;
  suspend(key: WorkspaceKey, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  stop(key: WorkspaceKey, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  reset(key: WorkspaceKey, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  remove(key: WorkspaceKey, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  stopNode(key: WorkspaceKey, node: NodeName, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  startNode(key: WorkspaceKey, node: NodeName, options: WaitOptions, signal: AbortSignal): Promise<Cluster>;
  /** `ms`: by how much. Resolves with the first of the new ends, ms since the epoch. */
  extend(key: WorkspaceKey, ms: number, signal: AbortSignal): Promise<number>;
  /** YAML. */
  kubeconfig(key: WorkspaceKey, from: KubeconfigFor, signal: AbortSignal): Promise<string>;
  /** `lines`: of each node, the last ones. */
  logs(key: WorkspaceKey, options: { readonly lines?: number }, signal: AbortSignal): Promise<ClusterLogs>;
  /** With `follow` it ends when the token, or what it stands for, does. */
  events(key: WorkspaceKey, options: EventsOptions, signal: AbortSignal): AsyncIterable<RecordedEvent>;
}

/** ms; longer than the factory itself gives Docker. */
const ANSWER_LIMIT = 40_000;

/** Longer than the longest wait, ms. */
const WAIT_LIMIT = LONGEST_WAIT + 60_000;

/** Bytes. */
const LONGEST_ANSWER = 16 * 2 ** 20;

const CLUSTER = '/api/v1/clusters/{user}/{lab}';

export function createClusterApiClient({ baseUrl, send, token }: ClusterApiClientOptions): ClusterApiClient {
  const http = createClient<paths>({ baseUrl, fetch: bounded(send, LONGEST_ANSWER, EVENT_STREAM_TYPE) });

  /** What every call of one cluster is made with. */
  const about = async ({ user, lab }: WorkspaceKey, signal: AbortSignal, limit = ANSWER_LIMIT) => ({
    params: { path: { user, lab } },
    ...(await request(signal, limit)),
  });
  const request = async (signal: AbortSignal, limit = ANSWER_LIMIT) => ({
    signal:
      limit === Number.POSITIVE_INFINITY ? signal : AbortSignal.any([signal, AbortSignal.timeout(limit)]),
    headers: { authorization: `Bearer ${await token(signal)}` },
  });
  const waiting = async (key: WorkspaceKey, { wait }: WaitOptions, signal: AbortSignal) => {
    const { params, ...rest } = await about(key, signal, WAIT_LIMIT);
    return { ...rest, params: { ...params, query: waitQuery(wait) } };
  };
  const waitingFor = async (key: WorkspaceKey, node: NodeName, options: WaitOptions, signal: AbortSignal) => {
    const { params, ...rest } = await waiting(key, options, signal);
    return { ...rest, params: { ...params, path: { ...params.path, node } } };
  };

  return {
    list: (filter, signal) =>
      called(signal, async () => {
        const answer = await http.GET('/api/v1/clusters', {
          params: { query: filter },
          ...(await request(signal)),
        });
        return understood(clusterListSchema, answer).clusters;
      }),
    status: (key, signal) =>
      called(signal, async () =>
        understood(clusterSchema, await http.GET(CLUSTER, await about(key, signal))),
      ),
    ensure: (key, { onProgress, wait }, signal) =>
      called(signal, async () => {
        const { headers, ...rest } = await waiting(key, { wait }, signal);
        const accept = { accept: EVENT_STREAM_TYPE };
        const answer = await http.PUT(CLUSTER, {
          ...rest,
          headers: { ...headers, ...accept },
          parseAs: 'stream',
        });
        return readProgress(streamIn(answer), onProgress ?? (() => {}));
      }),
    suspend: (key, options, signal) =>
      called(signal, async () =>
        understood(clusterSchema, await http.POST(`${CLUSTER}/suspend`, await waiting(key, options, signal))),
      ),
    stop: (key, options, signal) =>
      called(signal, async () =>
        understood(clusterSchema, await http.POST(`${CLUSTER}/stop`, await waiting(key, options, signal))),
      ),
    reset: (key, options, signal) =>
      called(signal, async () =>
        understood(clusterSchema, await http.POST(`${CLUSTER}/reset`, await waiting(key, options, signal))),
      ),
    remove: (key, options, signal) =>
      called(signal, async () =>
        understood(clusterSchema, await http.DELETE(CLUSTER, await waiting(key, options, signal))),
      ),
    stopNode: (key, node, options, signal) =>
      called(signal, async () => {
        const init = await waitingFor(key, node, options, signal);
        return understood(clusterSchema, await http.POST(`${CLUSTER}/nodes/{node}/stop`, init));
      }),
    startNode: (key, node, options, signal) =>
      called(signal, async () => {
        const init = await waitingFor(key, node, options, signal);
        return understood(clusterSchema, await http.POST(`${CLUSTER}/nodes/{node}/start`, init));
      }),
    extend: (key, ms, signal) =>
      called(signal, async () => {
        const init = { ...(await about(key, signal)), body: { for: `${ms}ms` } };
        const { ends_at: end } = understood(extensionSchema, await http.POST(`${CLUSTER}/extend`, init));
        return Date.parse(end);
      }),
    kubeconfig: (key, from, signal) =>
      called(signal, async () => {
        const { params, ...rest } = await about(key, signal);
        const init = { ...rest, params: { ...params, query: { for: from } }, parseAs: 'text' } as const;
        return understood(z.string(), await http.GET(`${CLUSTER}/kubeconfig`, init));
      }),
    logs: (key, { lines }, signal) =>
      called(signal, async () => {
        const { params, ...rest } = await about(key, signal);
        const query = lines === undefined ? {} : { lines: String(lines) };
        return understood(
          clusterLogsSchema,
          await http.GET(`${CLUSTER}/logs`, { ...rest, params: { ...params, query } }),
        );
      }),
    async *events(key, options, signal) {
      // A reader that stops reading has to hang up: in the process there is no connection that would tell.
      const leave = new AbortController();
      const stream = await called(signal, async () => {
        const either = AbortSignal.any([signal, leave.signal]);
        const { params, ...rest } = await about(key, either, Number.POSITIVE_INFINITY);
        const init = {
          ...rest,
          params: { ...params, query: eventsQuery(options) },
          parseAs: 'stream',
        } as const;
        return streamIn(await http.GET(`${CLUSTER}/events`, init));
      });
      try {
        yield* readEventMessages(stream.pipeThrough(new TextDecoderStream()));
      } catch (error) {
        throw asApiError(error, signal);
      } finally {
        leave.abort();
      }
    },
  };
}

function waitQuery(wait: number | undefined) {
  return wait === undefined ? {} : { wait: `${wait}ms` };
}

function eventsQuery({ kind, since, after, limit, follow }: EventsOptions) {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(after === undefined ? {} : { after: String(after) }),
    ...(limit === undefined ? {} : { limit: String(limit) }),
    ...(follow ? { follow: 'true' as const } : {}),
  };
}

async function readProgress(
  stream: ReadableStream<Uint8Array>,
  onProgress: (progress: ClusterProgress) => void,
): Promise<Cluster> {
  for await (const { event, data } of readMessages(stream.pipeThrough(new TextDecoderStream()))) {
    if (event === 'progress') onProgress(progressSchema.parse(data));
    if (event === 'ready' || event === 'pending') return clusterSchema.parse(data);
    if (event === 'failed') throw errorOf(data) ?? new Error('a failure that is no problem');
  }
  throw new Error('the answer ended before it said how it ended');
}

interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

function understood<T>(schema: z.ZodType<T>, answer: Answer): T {
  if (!answer.response.ok) throw refused(answer);
  return schema.parse(answer.data);
}

function streamIn({ data, error, response }: Answer): ReadableStream<Uint8Array> {
  if (!response.ok) throw refused({ error, response });
  if (data instanceof ReadableStream) return data;
  throw new Error('an answer without a body');
}

function refused({ error, response: { status } }: Answer): FactoryError {
  return errorOf(error) ?? unreachable(`status ${status}: ${String(JSON.stringify(error)).slice(0, 1_000)}`);
}

async function called<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asApiError(error, signal);
  }
}

function asApiError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof FactoryError) return error;
  if (signal.aborted) return signal.reason;
  return unreachable(error instanceof z.ZodError ? z.prettifyError(error) : undefined, error);
}

function unreachable(detail: string | undefined, cause?: unknown): FactoryError {
  return new FactoryError(
    'API_UNREACHABLE',
    "The factory's HTTP API does not answer as it should; check the address, and that the factory runs.",
    { cause, ...(detail === undefined ? {} : { detail }) },
  );
}
