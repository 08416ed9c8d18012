import type { LabName } from '../names/lab-name.ts';
import type { LabPolicy } from './lab-policy.ts';
import type { Problem } from './problem.ts';

/** What a folder of the configuration's `labs` holds. */
export interface FoundLabs {
  readonly names: readonly LabName[];
  /** Mistakes in the `lab.yaml` files. */
  readonly problems: readonly Problem[];
  /** What is wrong with the folder itself: it is missing, or holds no lab. */
  readonly mistake: string | undefined;
}

/** Looks into a folder of the configuration's `labs`; absolute. `policy`: what they are held against. Never rejects. */
export type LabFinder = (folder: string, policy: LabPolicy) => Promise<FoundLabs>;
