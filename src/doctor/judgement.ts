/** What a check says of what it saw. `remedy`: what to type, a line each. `details`: lines to take over somewhere else. */
export type Judgement =
  | { readonly verdict: 'right'; readonly text: string; readonly details?: readonly string[] }
  | { readonly verdict: 'doubtful' | 'wrong'; readonly text: string; readonly remedy: readonly string[] };

/** Nothing was looked at, and why; it is not counted as right. */
export interface Skipped {
  readonly verdict: 'skipped';
  readonly text: string;
}

export function skipped(why: string): Skipped {
  return { verdict: 'skipped', text: `not looked at, because ${why}` };
}

export function right(text: string, ...details: string[]): Judgement {
  return { verdict: 'right', text, ...(details.length === 0 ? {} : { details }) };
}

/** The factory works with it, and may not for long or not for many. */
export function doubtful(text: string, ...remedy: string[]): Judgement {
  return { verdict: 'doubtful', text, remedy };
}

/** The factory does not work with it, or not safely. */
export function wrong(text: string, ...remedy: string[]): Judgement {
  return { verdict: 'wrong', text, remedy };
}

const GRAVITY = { right: 0, doubtful: 1, wrong: 2 } as const;

/** Several as one: as bad as the worst, with the words of all that are not right; where all are, with `allRight`. */
export function together(judgements: readonly Judgement[], allRight: string): Judgement {
  const bad = judgements
    .filter((judgement) => judgement.verdict !== 'right')
    .sort((a, b) => GRAVITY[b.verdict] - GRAVITY[a.verdict]);
  const [worst] = bad;
  if (worst === undefined) return right(allRight);
  return {
    verdict: worst.verdict,
    text: bad.map(({ text }) => text).join('; '),
    remedy: [...new Set(bad.flatMap(({ remedy }) => remedy))],
  };
}
