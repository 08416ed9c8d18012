import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { belowClient, sendPayload } from '../raw-protocol.ts';
import { LAST, LAST_QUESTION } from './last-question.ts';
import { type Stream, TRANSPORTS } from './stream.ts';

/** A gateway that has neither answered nor ended by then hangs; ms. Sooner than it ends who does not log in. */
const DEADLINE = 45_000;

export interface Target {
  readonly port: number;
  readonly privateKey: string;
}

export interface Reaction {
  /** The gateway has answered the question after the last step; of packets. */
  readonly answered: boolean;
  /** What it has sent by the end of the connection; of bytes. */
  readonly heard: readonly Buffer[];
}

/** Sends one stream. Rejects if the gateway then neither answers nor ends the connection, or does not let it begin. */
export async function play(stream: Stream, target: Target): Promise<Reaction> {
  const socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  const deadline = setTimeout(() => socket.destroy(new Error('no answer')), DEADLINE);
  try {
    const reaction =
      stream.stage === 'connect'
        ? await sendBytes(stream, socket)
        : await sendPackets(stream, socket, target);
    if (!reaction.answered) await closed;
    if (socket.errored?.message === 'no answer') throw new Error('the gateway hangs');
    return reaction;
  } finally {
    clearTimeout(deadline);
    socket.destroy();
    await closed;
  }
}

async function sendBytes({ steps }: Stream, socket: Socket): Promise<Reaction> {
  const heard: Buffer[] = [];
  socket.on('data', (data: Buffer) => heard.push(data));
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  for (const step of steps) {
    if (!socket.writable) break;
    socket.write(step);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  return { answered: false, heard };
}

async function sendPackets(stream: Stream, socket: Socket, { privateKey }: Target): Promise<Reaction> {
  const client = new ssh2.Client();
  const { cipher, hmac, compress } = TRANSPORTS[stream.variant] ?? TRANSPORTS[0];
  client.on('error', () => {});
  const ready = once(client, stream.stage === 'session' ? 'ready' : 'handshake').then(
    () => true,
    () => false,
  );
  client.connect({
    sock: socket,
    username: 'alice',
    algorithms: { kex: ['curve25519-sha256'], cipher: [cipher], hmac: [hmac], compress: [compress] },
    keepaliveInterval: 0,
    readyTimeout: 0,
    ...(stream.stage === 'session' ? { privateKey } : { authHandler: () => {} }),
  });
  const closed = new Promise<false>((resolve) => socket.once('close', () => resolve(false)));
  if (!(await Promise.race([ready, closed]))) throw new Error('the gateway did not let it begin');
  const answered = new Promise<true>((resolve) => {
    belowClient(client)._protocol._handlers.CHANNEL_OPEN_FAILURE = (_protocol, channel) => {
      if (channel === LAST) resolve(true);
    };
  });
  for (const step of [...stream.steps, LAST_QUESTION]) sendPayload(client, step);
  return { answered: await Promise.race([answered, closed]), heard: [] };
}
