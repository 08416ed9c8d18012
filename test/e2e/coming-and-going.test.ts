import { test } from 'vitest';
import { comingAndGoing } from '../soak/coming-and-going.ts';

/** The short form of test/soak; the seed is fixed, as a gate must not roll dice. */
test('three rounds of coming and going', async (context) => {
  await comingAndGoing(3, 20_261, context);
});
