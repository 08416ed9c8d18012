import { pipeline } from 'node:stream';

/** As `pipeline`, for ends that may break at any time: an error of theirs is news to nobody. */
export function flow(from: NodeJS.ReadableStream, to: NodeJS.WritableStream): void {
  for (const end of [from, to]) {
    // Once for each: a duplex flows both ways.
    end.off('error', ignore).on('error', ignore);
  }
  pipeline(from, to, () => undefined);
}

function ignore(): void {}
