import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const VERSION = 5;
const LOOPBACK = [127, 0, 0, 1];

/** A connection to a port of the container's loopback interface, through what `ssh -D` listens on (SOCKS 5, RFC 1928). */
export async function connectBySocks(proxy: { host: string; port: number }, port: number): Promise<Socket> {
  const socket = connect({ ...proxy, noDelay: true });
  try {
    await once(socket, 'connect');
    socket.write(Buffer.of(VERSION, 1, 0));
    await exactly(socket, 2);
    socket.write(Buffer.from([VERSION, 1, 0, 1, ...LOOPBACK, port >> 8, port & 255]));
    const reply = await exactly(socket, 10);
    if (reply[1] !== 0) throw new Error(`SOCKS says ${reply[1]}`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function exactly(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const read: unknown = socket.read(bytes);
    if (Buffer.isBuffer(read) && read.length === bytes) return read;
    if (socket.readableEnded || socket.destroyed) throw new Error('SOCKS hung up');
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
  }
}
