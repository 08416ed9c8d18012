import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { LOST_IN_MEMORY, Town } from '../e2e/engine/town.ts';
import { OWN_ENGINE_POSSIBLE } from '../e2e/harness/own-engine.ts';
import { Random } from './random.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);
const SEED = Number(process.env.SOAK_SEED ?? Date.now());

/** How long an engine stays away at most, s. */
const LONGEST_AWAY = 45;

describe.runIf(OWN_ENGINE_POSSIBLE)('an engine that goes away', () => {
  test(`${ROUNDS} rounds, now restarted, now killed, for a moment and for long, seed ${SEED}`, {
    timeout: (ROUNDS + 1) * 300_000,
  }, async (context) => {
    const random = new Random(SEED);
    await using town = await Town.settle();
    town.showLogsOnFailure(context);
    let liveRestore = false;
    for (let round = 1; round <= ROUNDS; round += 1) liveRestore = await goAway(town, random, liveRestore);
  });
});

/** `before`: whether the engine was started with live-restore; resolves with whether it is now. */
async function goAway(town: Town, random: Random, before: boolean): Promise<boolean> {
  const { engine, world } = town;
  const [killed, liveRestore] = [random.chance(0.5), random.chance(0.5)];
  const away = random.integer(0, LONGEST_AWAY);
  process.stderr.write(
    `${killed ? 'killed' : 'stopped'}, away for ${away} s, then live-restore ${liveRestore}\n`,
  );
  await using window = await town.takeUpPosition();
  await (killed ? engine.killDaemon() : engine.stopDaemon());
  await town.expectToBeTold(window);
  await town.expectToBeTurnedAway();
  await delay(away * 1_000);
  await town.expectToBeTurnedAway();
  await engine.startDaemon({ liveRestore });

  // One that ends by itself takes its containers along, and one that starts those that it finds, unless told not to.
  const stays = liveRestore && (killed || before);
  if (stays) await world.workspace.becomes('paused', 60_000);
  await town.expectAllToStay(
    stays
      ? { alice: 'paused', bob: 'paused', carol: 'exited' }
      : { alice: 'exited', bob: 'exited', carol: 'exited' },
  );
  await town.expectAllToComeBack(stays ? [] : LOST_IN_MEMORY);
  return liveRestore;
}
