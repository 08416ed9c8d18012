import type { GatewayUnderTest, Setup } from '../gateway-under-test.ts';
import type { Stream } from './stream.ts';

/** Who is hostile to the gateway, and how. */
export interface Side {
  readonly setup: Setup;
  /** The folder of the streams that are kept. */
  readonly corpus: string;
  streamOf(seed: number, index: number): Stream;
  /** Takes the container's place. */
  start(it: GatewayUnderTest, atOnce: number): Promise<Played>;
}

export interface Played extends AsyncDisposable {
  /** What is of interest beside failures: how often, how long. */
  readonly report: Readonly<Record<string, number>>;
  /** Rejects if the gateway then neither serves nor ends the connection. */
  play(stream: Stream): Promise<void>;
}
