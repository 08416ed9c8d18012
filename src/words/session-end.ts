import { inWords } from './time-span.ts';

/** Times in ms since the epoch, spans in ms. */
interface Limit {
  readonly endsAt: number;
  /** By how much it may still be put off. */
  readonly left: number;
}

const ANEW = 'When it has ended, connect again at any time; everything is as you left it.';

/**
 * When a session ends, for its student.
 *
 * @param now ms since the epoch
 * @param command what to type to put it off by a time, "30m"
 */
export function sessionEndText(
  limit: Limit | undefined,
  now: number,
  command: (time: string) => string,
): string {
  if (limit === undefined) return 'This lab sets no end to your session.';
  const { endsAt, left } = limit;
  const more =
    left > 0
      ? `You can make it longer, by ${inWords(left)} at most: ${command(asTyped(left))}`
      : 'It cannot be made longer.';
  return `Your session ends in ${inWords(endsAt - now)}. ${more}\n${ANEW}`;
}

/** @param endsAt ms since the epoch, as `now` */
export function newSessionEndText(endsAt: number, now: number): string {
  return `Your session now ends in ${inWords(endsAt - now)}.`;
}

/** As commands read a time: "30m", "90s". */
function asTyped(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
