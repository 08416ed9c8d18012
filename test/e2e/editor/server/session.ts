import { randomBytes } from 'node:crypto';
import { ReplayLink } from './replay-link.ts';
import { KIND, message, RunningSum, type Sums } from './wire.ts';

/** Bytes of a piece of a stream. */
const PIECE = 32_768;

/** The server's end of one conversation: echoes, streams, and hashes both directions. */
export class Session {
  readonly link = new ReplayLink((payload) => this.#answer(payload));
  readonly #fromWindow = new RunningSum();
  readonly #toWindow = new RunningSum();

  #answer(payload: Buffer): void {
    const body = payload.subarray(1);
    if (payload[0] === KIND.data) {
      this.#fromWindow.add(body);
      this.#say(body);
    } else if (payload[0] === KIND.stream) {
      for (let left = body.readUInt32BE(0); left > 0; left -= PIECE)
        this.#say(randomBytes(Math.min(left, PIECE)));
    } else {
      const sums: Sums = { fromWindow: this.#fromWindow.hex, toWindow: this.#toWindow.hex };
      this.link.send(message(KIND.sums, Buffer.from(JSON.stringify(sums))));
    }
  }

  #say(body: Buffer): void {
    this.#toWindow.add(body);
    this.link.send(message(KIND.data, body));
  }
}
