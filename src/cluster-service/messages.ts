import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { workspaceKey } from './wire-values.ts';

/*
 * The answers of the service. A long operation and the events are server-sent events (HTML standard, 9.2): each message is one line
 * `data:` of JSON and an empty line; a line that begins with a colon says that the service is still there.
 */

export const KEEP_ALIVE = ': keep-alive\n\n';

/** How often a silent answer says that it goes on; ms. */
export const KEEP_ALIVE_EVERY = 5_000;

/** Of one message, characters. */
const LONGEST_LINE = 1 << 20;

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

export function toMessage(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/**
 * The messages in an answer, as they come; `heard` is called for each sign of life. Throws a `SyntaxError` where one is not JSON,
 * a `RangeError` where one has no end.
 */
export async function* readMessages(
  chunks: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    heard();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError('a message without an end');
    for (const line of lines) {
      if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length));
    }
  }
}
