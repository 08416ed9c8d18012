import { z } from 'zod';
import { readMessages as readEvents, toMessage as toEvent } from '../http/server-sent-events.ts';
import { problemSchema } from './problem.ts';
import { workspaceKey } from './wire-values.ts';

/* The answers of the service. A long operation and the events are server-sent events, each with JSON and nothing else. */

/** How often a silent answer says that it goes on; ms. */
export const KEEP_ALIVE_EVERY = 5_000;

/** Names the question, so that an answer to another one is noticed. */
const answerTo = { id: z.string(), operation: z.string() };

export const resultSchema = z.object({ ...answerTo, result: z.unknown() });

export const runMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), step: z.string().max(1_000) }),
  z.object({ kind: z.literal('done'), ...answerTo, result: z.unknown() }),
  z.object({ kind: z.literal('failed'), ...answerTo, problem: problemSchema }),
]);

export type RunMessage = z.output<typeof runMessageSchema>;

export const eventMessageSchema = z.discriminatedUnion('kind', [
  /** From now on it is told what happens. */
  z.object({ kind: z.literal('connected') }),
  z.object({ kind: z.literal('changed'), key: workspaceKey }),
]);

export type EventMessage = z.output<typeof eventMessageSchema>;

export function toMessage(data: object): string {
  return toEvent({ data });
}

/**
 * The messages in an answer, as they come; `heard` is called for each sign of life. Throws a `SyntaxError` where one is not JSON,
 * a `RangeError` where one has no end.
 */
export async function* readMessages(
  chunks: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<unknown> {
  for await (const { data } of readEvents(textOf(chunks, heard))) yield data;
}

async function* textOf(chunks: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    heard();
    yield decoder.decode(chunk, { stream: true });
  }
}
