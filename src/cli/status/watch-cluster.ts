import { setTimeout as delay } from 'node:timers/promises';
import { openLiveScreen } from './live-screen.ts';

export interface Watched {
  /** What is to be seen now. `now`: ms since the epoch. */
  readonly look: (signal: AbortSignal) => Promise<(now: number) => string>;
  /** Between two looks, ms. */
  readonly every: number;
  readonly say: (text: string) => void;
}

/** Shows it until `stop` aborts or the person leaves: on a terminal the whole screen, elsewhere each time it has changed. */
export async function watchText({ look, every, say }: Watched, stop: AbortSignal): Promise<void> {
  if (process.stdout.isTTY) {
    using screen = openLiveScreen(process.stdout, process.stdin);
    const end = AbortSignal.any([stop, screen.left]);
    for await (const text of looks(look, every, end)) screen.draw(`${text(Date.now())}\n\nq ends this`);
    return;
  }
  let last: string | undefined;
  // Ages alone are no news.
  const asOf = Date.now();
  for await (const text of looks(look, every, stop)) {
    if (text(asOf) !== last) say(text(Date.now()));
    last = text(asOf);
  }
}

async function* looks(look: Watched['look'], every: number, stop: AbortSignal) {
  while (!stop.aborted) {
    try {
      yield await look(stop);
    } catch (error) {
      if (!stop.aborted) throw error;
    }
    await delay(every, undefined, { signal: stop }).catch(() => undefined);
  }
}
