import { test } from 'vitest';
import { comesBack } from '../soak/comes-back.ts';

test('a cluster comes back from 25 suspends, 6 that cross with the waking of another, and 10 stops', {
  timeout: 10 * 60_000,
}, async (context) => {
  await comesBack({ suspends: 19, crossings: 6, stops: 10 }, context);
});
