import type { AnsweringEngine } from './engine-answer.ts';
import type { Judgement, Skipped } from './judgement.ts';
import type { Site } from './site.ts';

/**
 * ms, for what is done in a moment. A limit is for what hangs, as a disk may: all checks begin at once, and on a busy machine the
 * doctor itself stands still for seconds.
 */
export const MOMENT = 30_000;

/**
 * One thing that the doctor looks at. It changes nothing, aborts what it does when the signal does, and may reject: that is
 * a finding as well. `limit`: how long it may take, in ms; `MOMENT` or more.
 */
export type Check<S extends Site = Site> =
  | {
      readonly needs: 'nothing';
      readonly limit: number;
      readonly look: (site: S, signal: AbortSignal) => Promise<Judgement | Skipped>;
    }
  /** Is not looked at where no engine answers. */
  | {
      readonly needs: 'engine';
      readonly limit: number;
      readonly look: (site: S, engine: AnsweringEngine, signal: AbortSignal) => Promise<Judgement | Skipped>;
    };
