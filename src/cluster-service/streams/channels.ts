import { z } from 'zod';
import { problemSchema } from '../problem.ts';

/*
 * What runs in a container, over one WebSocket: each binary message begins with a byte that names its channel, as in Kubernetes'
 * `v5.channel.k8s.io`. Unlike there each side says how much it can take (`credit`), so that one channel that nobody reads holds
 * up neither the others nor the news that the connection is over. The first message, a text, says what to open.
 */

export const SUBPROTOCOL = 'v1.channel.ssh-lab-factory';

/** Where WebSockets are taken. */
export const STREAMS_PATH = '/v1/streams';

export const CHANNEL = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** JSON from the service: a `StreamStatus`. */
  status: 3,
  /** JSON from the client: the new size of the terminal. */
  resize: 4,
  /** A channel's byte and 32 bits (big-endian): how many bytes more the sender of this can take on it. */
  credit: 5,
  /** A channel's byte: its end. */
  close: 255,
} as const;

/** How much of one channel may be under way, unread, bytes. */
export const WINDOW = 2 ** 20;

/** Of data in one message, without the byte of the channel; bytes. */
export const LONGEST_MESSAGE = 64 * 1024;

/** Of the first message, and so of any; bytes. A command has arguments. */
export const LONGEST_PAYLOAD = 2 ** 20;

export const streamStatusSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  /** What sshd said on its standard error so far. */
  z.object({ kind: z.literal('diagnostics'), text: z.string().max(8_192) }),
  z.object({ kind: z.literal('exit'), status: z.int() }),
  z.object({ kind: z.literal('failed'), problem: problemSchema }),
]);

export type StreamStatus = z.output<typeof streamStatusSchema>;

export const terminalSizeSchema = z.strictObject({
  columns: z.int().min(0).max(65_535),
  rows: z.int().min(0).max(65_535),
});
