import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { withKeepAlive } from './keep-alive.ts';

/*
 * Server-sent events (HTML standard, 9.2): a message has a line `event:` (without it the event is a "message"), a line `id:`, which
 * a reader that was cut off sends back as `Last-Event-ID`, a line `data:`, and an empty line at its end. A line that begins with a
 * colon is for keeping the connection.
 */

export const EVENT_STREAM_TYPE = 'text/event-stream';
export const KEEP_ALIVE = ': keep-alive\n\n';

/** How often a reader to whom nothing is told is told that we are still there; ms. */
const KEEP_ALIVE_EVERY = 15_000;

/** The longest line that a reader takes, characters. */
const LONGEST_LINE = 2 ** 20;

export interface ServerSentEvent {
  /** Undefined: a plain "message". */
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** `data` becomes JSON, which holds no line break. */
export function toMessage({ event, id, data }: ServerSentEvent): string {
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/**
 * Answers with these messages, and signs of life between them. The head of the answer goes out at once, so that a reader knows that
 * it is heard. The source has to end by itself when nobody reads on.
 */
export function sendMessages(reply: FastifyReply, messages: AsyncIterable<string>): FastifyReply {
  return reply
    .header('content-type', EVENT_STREAM_TYPE)
    .header('cache-control', 'no-store')
    .send(Readable.from(withKeepAlive(afterSign(messages), KEEP_ALIVE, KEEP_ALIVE_EVERY)));
}

async function* afterSign(messages: AsyncIterable<string>): AsyncGenerator<string> {
  yield KEEP_ALIVE;
  yield* messages;
}

/** The messages in an answer, as they come. Throws a `SyntaxError` where one is no JSON, a `RangeError` where one has no end. */
export async function* readMessages(chunks: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  let event: string | undefined;
  for await (const line of linesOf(chunks)) {
    if (line === '') event = undefined;
    else if (line.startsWith('event: ')) event = line.slice('event: '.length);
    else if (line.startsWith('data: ')) yield { event, data: JSON.parse(line.slice('data: '.length)) };
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
    yield* lines;
  }
}
