import { EndOfNode } from '../nodes/node-watch.ts';

/** What is known of a start that failed. */
export interface StartFailure {
  /** The last thing that k3s called fatal since the start began. */
  readonly fatal: string | undefined;
  /** What ended the start. */
  readonly cause: unknown;
}

/**
 * What k3s says at its end where the same data must bring the same end: k3s issues 4640 and 11014 (its token or its certificates
 * do not fit its database), and SQLite's words for a damaged file.
 */
const FOR_GOOD = [
  /encrypted with different token/,
  /newer than datastore and could cause a cluster outage/,
  /database disk image is malformed|file is not a database/,
];

/** So often in a row a node has to end by itself before we say that it always will. */
const ENOUGH = 2;

/**
 * Tells starts that may go well the next time from those that will not. What it remembers is lost with the process, and is
 * found out again by the next one's tries.
 */
export class HopelessStarts {
  /** By id of the server's container. */
  readonly #endedInARow = new Map<string, number>();

  /** Whether a cluster that failed so is broken. */
  judge(server: string, { fatal, cause }: StartFailure): boolean {
    const ended = cause instanceof EndOfNode ? (this.#endedInARow.get(server) ?? 0) + 1 : 0;
    this.#endedInARow.set(server, ended);
    return ended >= ENOUGH || FOR_GOOD.some((pattern) => pattern.test(fatal ?? ''));
  }

  wentWell(server: string): void {
    this.#endedInARow.delete(server);
  }
}
