import type { Socket } from 'node:net';
import type { Clock } from '../time/clock.ts';

/** RFC 4253 §11.1 and §12. */
const SSH_MSG_DISCONNECT = 1;
const TOO_MANY_CONNECTIONS = 12;
/** RFC 4253 §6: before there is a cipher, what is sent is a multiple of this long… */
const BLOCK = 8;
/** …of which at least so much is padding. */
const LEAST_PADDING = 4;
/** For the client to take what was written and to go; ms. */
const PARTING_TIME = 2_000;

/**
 * Ends a connection before its handshake, with a sentence that clients show their user: a disconnect in the clear right after the
 * identification string.
 */
export function sendAway(socket: Socket, identification: string, sentence: string, clock: Clock): void {
  const timer = clock.schedule(PARTING_TIME, () => socket.destroy());
  socket.once('close', () => timer[Symbol.dispose]());
  socket.on('error', () => socket.destroy());
  // What is left unread when a socket closes makes the kernel reset it, and the sentence is lost.
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(`SSH-2.0-${identification}\r\n`), disconnect(sentence)]));
}

function disconnect(sentence: string): Buffer {
  const payload = Buffer.concat([
    Buffer.from([SSH_MSG_DISCONNECT]),
    uint32(TOO_MANY_CONNECTIONS),
    string(sentence),
    string(''),
  ]);
  const unpadded = 4 + 1 + payload.length;
  const padding = BLOCK - ((unpadded + LEAST_PADDING) % BLOCK) + LEAST_PADDING;
  const head = Buffer.concat([uint32(1 + payload.length + padding), Buffer.from([padding])]);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
