import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { WireReader, wireString } from '../wire-reader.ts';
import type { TestKey } from './test-keys.ts';

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const FAILURE = 5;
const RSA_SHA2_256 = 2;

/** An ssh-agent (draft-ietf-sshm-ssh-agent) that holds test keys, so that the real ssh logs in with security keys too. */
export async function startSoftwareAgent(
  socketPath: string,
  keys: readonly TestKey[],
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE()) {
        const message = pending.subarray(4, 4 + pending.readUInt32BE());
        pending = pending.subarray(4 + message.length);
        socket.write(wireString(answer(message, keys)));
      }
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(message: Buffer, keys: readonly TestKey[]): Buffer {
  const reader = new WireReader(message);
  const kind = reader.bytes(1)?.readUInt8();
  if (kind === REQUEST_IDENTITIES) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(keys.length);
    const list = keys.flatMap(({ key }) => [wireString(key.blob), wireString('test')]);
    return Buffer.concat([Buffer.of(IDENTITIES_ANSWER), count, ...list]);
  }
  if (kind !== SIGN_REQUEST) return Buffer.of(FAILURE);
  const blob = reader.string() ?? Buffer.alloc(0);
  const data = reader.string() ?? Buffer.alloc(0);
  const flags = reader.bytes(4)?.readUInt32BE() ?? 0;
  const holder = keys.find(({ key }) => key.blob.equals(blob));
  if (holder === undefined) return Buffer.of(FAILURE);
  const rsa = flags & RSA_SHA2_256 ? 'rsa-sha2-256' : 'rsa-sha2-512';
  const algorithm = holder.key.type === 'ssh-rsa' ? rsa : holder.key.type;
  return Buffer.concat([Buffer.of(SIGN_RESPONSE), wireString(holder.sign(algorithm, data))]);
}
