import type { AnsweringEngine } from './engine-answer.ts';
import type { Judgement } from './judgement.ts';
import type { Site } from './site.ts';

/**
 * One thing that the doctor looks at. It changes nothing, aborts what it does when the signal does, and may reject: that is
 * a finding as well. `limit`: how long it may take, in ms.
 */
export type Check =
  | {
      readonly needs: 'nothing';
      readonly limit: number;
      readonly look: (site: Site, signal: AbortSignal) => Promise<Judgement>;
    }
  /** Is not looked at where no engine answers. */
  | {
      readonly needs: 'engine';
      readonly limit: number;
      readonly look: (site: Site, engine: AnsweringEngine, signal: AbortSignal) => Promise<Judgement>;
    };
