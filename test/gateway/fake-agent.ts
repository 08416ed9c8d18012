import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

const SK_TYPE = 'sk-ssh-ed25519@openssh.com';
const APPLICATION = 'ssh:';
const USER_PRESENT = 0x01;

/**
 * An ssh-agent (draft-miller-ssh-agent) with one security key in software: what a client with a FIDO token sends, without
 * the token.
 */
export class FakeAgent implements AsyncDisposable {
  /** The line for authorized_keys. */
  readonly line: string;
  readonly #blob: Buffer;
  readonly #key: KeyObject;
  readonly #server: Server;
  /** Whether it claims that somebody touched the key. */
  touched = true;

  private constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.#key = privateKey;
    this.#blob = Buffer.concat([text(SK_TYPE), text(point), text(APPLICATION)]);
    this.line = `${SK_TYPE} ${this.#blob.toString('base64')}`;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(path: string): Promise<FakeAgent> {
    const agent = new FakeAgent();
    await new Promise<void>((resolve) => agent.#server.listen(path, resolve));
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
        const size = received.readUInt32BE(0);
        socket.write(text(this.#answer(received.subarray(4, 4 + size))));
        received = received.subarray(4 + size);
      }
    });
  }

  #answer(request: Buffer): Buffer {
    const REQUEST_IDENTITIES = 11;
    const SIGN_REQUEST = 13;
    if (request[0] === REQUEST_IDENTITIES) {
      return Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), text(this.#blob), text('token')]);
    }
    if (request[0] !== SIGN_REQUEST) return Buffer.from([5]);
    const blobSize = request.readUInt32BE(1);
    const dataSize = request.readUInt32BE(5 + blobSize);
    const data = request.subarray(9 + blobSize, 9 + blobSize + dataSize);
    return Buffer.concat([Buffer.from([14]), text(this.#sign(data))]);
  }

  /** OpenSSH's PROTOCOL.u2f. */
  #sign(data: Buffer): Buffer {
    const tail = Buffer.from([this.touched ? USER_PRESENT : 0, 0, 0, 0, 7]);
    const signed = Buffer.concat([sha256(Buffer.from(APPLICATION)), tail, sha256(data)]);
    return Buffer.concat([text(SK_TYPE), text(sign(null, signed, this.#key)), tail]);
  }
}

function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
