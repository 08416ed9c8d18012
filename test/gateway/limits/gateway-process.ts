import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type ConnectConfig } from 'ssh2';
import type { GatewayLimits } from '../../../src/gateway/gateway-limits.ts';
import { LAST, LAST_QUESTION } from '../fuzz/last-question.ts';
import { belowClient, sendPayload } from '../raw-protocol.ts';
import type { Measured, Order } from './serve.ts';

/** A gateway that takes nothing for so long takes nothing; ms. */
const STALLED = 5_000;

/** A client that the test makes misbehave, with its bare connection. */
export interface Hostile {
  readonly client: ssh2.Client;
  readonly socket: Socket;
}

/** A gateway in a process of its own, so that its memory can be measured. */
export class GatewayProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly port: number;
  readonly #privateKey: string;

  private constructor(child: ChildProcess, port: number, privateKey: string) {
    this.#child = child;
    this.port = port;
    this.#privateKey = privateKey;
  }

  static async start(limits: Partial<GatewayLimits> = {}): Promise<GatewayProcess> {
    const child = fork(join(import.meta.dirname, 'serve.ts'), [JSON.stringify(limits)], {
      execArgv: ['--expose-gc'],
    });
    const [{ port, privateKey }] = await once(child, 'message');
    return new GatewayProcess(child, port, privateKey);
  }

  /** Its answer also shows that it is not busy with something else. */
  async measure(): Promise<Measured> {
    return await this.#order('measure');
  }

  /** The same, before an attack: what it makes the gateway need at its worst is the peak that is measured next. */
  async begin(): Promise<Measured> {
    return await this.#order('begin');
  }

  /** From now on the containers have the SSH server at this path. */
  async fallFor(sshd: string): Promise<void> {
    await this.#order({ sshd });
  }

  async #order(order: Order): Promise<Measured> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    const [measured] = await answer;
    return measured;
  }

  async connect(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: this.port, noDelay: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /**
   * @param stage how far it goes with the protocol
   * @param prepare is given the client before it has sent anything
   */
  async client(
    stage: 'handshake' | 'ready',
    config: ConnectConfig = {},
    prepare: (client: ssh2.Client) => void = () => {},
  ): Promise<Hostile> {
    const socket = await this.connect();
    const client = new ssh2.Client();
    client.on('error', () => {});
    const reached = once(client, stage);
    const login = stage === 'ready' ? { privateKey: this.#privateKey } : { authHandler: () => {} };
    // Who is ended must not be one that gives up by itself.
    client.connect({ sock: socket, username: 'alice', readyTimeout: 0, ...login, ...config });
    prepare(client);
    await reached;
    return { client, socket };
  }

  /** What a student gets who runs `echo in` meanwhile. */
  async student(): Promise<string> {
    const { client, socket } = await this.client('ready');
    const output = await new Promise<string>((resolve, reject) => {
      client.exec('echo in', (error, channel) => {
        if (error !== undefined) return reject(error);
        let text = '';
        channel.on('data', (data: Buffer) => {
          text += data.toString();
        });
        channel.on('close', () => resolve(text));
      });
    });
    socket.destroy();
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

/** Resolves when the gateway has done with all that was sent until now. */
export async function isHeard({ client }: Hostile): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  belowClient(client)._protocol._handlers.CHANNEL_OPEN_FAILURE = (_protocol, channel) => {
    if (channel === LAST) resolve();
  };
  sendPayload(client, LAST_QUESTION);
  await promise;
}

/**
 * Sends the payload `count` times, as fast as it is taken, until the gateway ends the connection or takes nothing for `stalled` ms. Returns
 * how often.
 */
export async function pour(
  { client, socket }: Hostile,
  payload: Buffer,
  count: number,
  stalled = STALLED,
): Promise<number> {
  return await pourWith(socket, () => sendPayload(client, payload), count, stalled);
}

/** The same with payloads that differ. */
export async function pourEach(
  { client, socket }: Hostile,
  payload: (n: number) => Buffer,
  count: number,
): Promise<number> {
  let n = 0;
  return await pourWith(socket, () => sendPayload(client, payload(n++)), count);
}

/** The same without the protocol. */
export async function pourBytes(socket: Socket, bytes: Buffer, count: number): Promise<number> {
  return await pourWith(socket, () => socket.write(bytes), count);
}

async function pourWith(socket: Socket, send: () => void, count: number, stalled = STALLED): Promise<number> {
  let sent = 0;
  for (; sent < count && socket.writable; sent++) {
    send();
    if (socket.writableNeedDrain && !(await isTaken(socket, stalled))) break;
  }
  return sent;
}

/** False: the gateway takes nothing any more. */
async function isTaken(socket: Socket, stalled: number): Promise<boolean> {
  const over = new AbortController();
  const { signal } = over;
  const happens = (event: string) => once(socket, event, { signal }).then(() => true);
  try {
    return await Promise.race([happens('drain'), happens('close'), sleep(stalled, false, { signal })]);
  } catch {
    // It ended with an error.
    return false;
  } finally {
    over.abort();
  }
}

/** Whether the gateway ends the connection within `deadline` ms. */
export async function isEnded(socket: Socket, deadline = 30_000): Promise<boolean> {
  if (socket.destroyed) return true;
  // A socket that nobody reads does not notice its end.
  socket.resume();
  return await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), deadline);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
