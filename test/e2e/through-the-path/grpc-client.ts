import { once } from 'node:events';
import {
  Client,
  credentials,
  type Metadata,
  type ServiceError,
  status as STATUS,
  type StatusObject,
} from '@grpc/grpc-js';
import { ECHO_SERVICE } from './app/echo-service.ts';
import { GRPC_HOST } from './scene.ts';
import type { Way } from './way.ts';

/** ms; of a call. */
const LIMIT = 60_000;

export interface GrpcOutcome {
  readonly text: string | undefined;
  /** Of the trailers. */
  readonly length: string | undefined;
  readonly code: number;
  readonly details: string;
}

/** gRPC's own client. */
export class GrpcClient implements Disposable {
  readonly #client: Client;

  constructor({ name, at }: Way, ca: string) {
    const secure = credentials.createSsl(Buffer.from(ca));
    const channel = name === 'HTTPS' ? secure : credentials.createInsecure();
    this.#client = new Client(`${at.host}:${at.port}`, channel, {
      'grpc.default_authority': GRPC_HOST,
      'grpc.ssl_target_name_override': GRPC_HOST,
    });
  }

  once(text: string): Promise<GrpcOutcome> {
    const { path, requestSerialize, responseDeserialize } = ECHO_SERVICE.once;
    const deadline = Date.now() + LIMIT;
    return new Promise((resolve) => {
      let answer: string | undefined;
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        text,
        { deadline },
        (_error: ServiceError | null, value?: string) => {
          answer = value;
        },
      );
      call.on('status', ({ code, details, metadata }: StatusObject) =>
        setImmediate(() => resolve({ text: answer, length: lengthIn(metadata), code, details })),
      );
    });
  }

  /** Each text after the answer to the one before. */
  async talk(texts: readonly string[]): Promise<readonly string[]> {
    const { path, requestSerialize, responseDeserialize } = ECHO_SERVICE.talk;
    const deadline = Date.now() + LIMIT;
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
      deadline,
    });
    const answers: string[] = [];
    for (const text of texts) {
      const answer = once(call, 'data');
      call.write(text);
      answers.push(String((await answer)[0]));
    }
    const ended = once(call, 'status');
    call.end();
    call.resume();
    const [{ code }] = await ended;
    if (code !== STATUS.OK) throw new Error(`status ${code}`);
    return answers;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function lengthIn(trailers: Metadata): string | undefined {
  const [length] = trailers.get('x-length');
  return length === undefined ? undefined : String(length);
}
