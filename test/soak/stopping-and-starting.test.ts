import { expect, test } from 'vitest';
import { documentedRows } from '../e2e/survival/table.ts';
import { lookAround } from '../e2e/survival/things.ts';
import { SurvivalWorld } from '../e2e/survival/world.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);

test(`${ROUNDS} rounds of stopping and starting one cluster`, {
  timeout: ROUNDS * 300_000,
}, async (context) => {
  await using world = await SurvivalWorld.make({ stopAfter: '1s' });
  world.factory.showLogOnFailure(context);
  const kept = (await documentedRows()).filter(({ verdicts }) => verdicts.stop === 'kept');
  const names = kept.map(({ thing }) => thing);
  const sight = async () => {
    const seen = await lookAround(world);
    return Object.fromEntries(names.map((name) => [name, seen.get(name)]));
  };
  const before = await sight();
  expect(Object.values(before)).not.toContain(undefined);

  for (let round = 1; round <= ROUNDS; round += 1) {
    await world.logOut();
    await world.workspace.becomes('exited', 60_000);
    await world.logIn();
    await world.podsRun();
    expect(await sight(), `round ${round}`).toEqual(before);
  }
});
