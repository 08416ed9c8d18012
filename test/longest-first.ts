import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, the longest first. */
const LONGEST = [
  'test/e2e/comes-back.test.ts',
  'test/e2e/stop-tier.test.ts',
  'test/e2e/ways-to-go/ways-to-go.test.ts',
  'test/e2e/walls/walls.test.ts',
];

/**
 * Of some files at a time the last is alone. Without the times of an earlier run Vitest takes small files for short ones and begins with the
 * large, so that a small one that takes five minutes would be that last one.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
  return place === -1 ? LONGEST.length : place;
}
