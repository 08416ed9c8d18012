import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEvent } from '../e2e/harness/event-recorder.ts';
import type { Factory } from '../e2e/harness/factory.ts';
import type { SshSession } from '../e2e/harness/ssh-session.ts';
import type { Student } from '../e2e/harness/student.ts';
import type { Random } from './random.ts';

/** One stay of one session: it was surely in from `from` to `until`, ms since the epoch. */
export interface Stay {
  readonly from: number;
  readonly until: number;
}

export interface RoundsOptions {
  readonly factory: Factory;
  readonly student: Student;
  readonly rounds: number;
  /** ms */
  readonly grace: number;
  readonly random: Random;
}

/**
 * Rounds of coming and going in random order: up to three sessions at once, each ended by a log-out or a kill, pauses
 * shorter and longer than the grace time, now and then a kill -9 of the factory. Resolves with who was in and when.
 */
export async function runRounds(options: RoundsOptions): Promise<readonly Stay[]> {
  const stays: Stay[] = [];
  for (let round = 0; round < options.rounds; round += 1) stays.push(...(await runRound(options)));
  return stays;
}

async function runRound({ factory, student, grace, random }: RoundsOptions): Promise<readonly Stay[]> {
  const count = random.integer(1, 3);
  const stays = await Promise.all(
    Array.from({ length: count }, async () => {
      await delay(random.integer(0, 300));
      return stay(student, random);
    }),
  );
  if (random.chance(0.15)) {
    await factory.kill();
    await factory.startAgain();
  }
  await delay(random.integer(0, 2 * grace));
  return stays;
}

async function stay(student: Student, random: Random): Promise<Stay> {
  await using session = await student.hold();
  const from = Date.now();
  await delay(random.integer(0, 500));
  const until = Date.now();
  await leave(session, random);
  return { from, until };
}

async function leave(session: SshSession, random: Random): Promise<void> {
  if (random.chance(0.5)) await session.kill();
  else await session.logOut();
}

/** Every pause that came while somebody was in, or sooner after the last one than the grace time. */
export function wrongPauses(
  pauses: readonly DockerEvent[],
  stays: readonly Stay[],
  grace: number,
): readonly DockerEvent[] {
  return pauses.filter(({ at }) => stays.some(({ from, until }) => at >= from && at < until + grace));
}
