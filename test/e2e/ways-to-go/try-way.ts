import { expect } from 'vitest';
import { LABEL } from '../../../src/names/docker-names.ts';
import type { DockerEvent } from '../harness/event-recorder.ts';
import { eventually } from '../harness/eventually.ts';
import type { Ledger } from './ledger.ts';
import { GRACE, type Place, type Way } from './way.ts';

/** How much later than the grace time a pause may come on a busy machine; ms. */
const SLACK = 60_000;
/** A cluster may have to be made first; ms. */
const AWAKE_WITHIN = 180_000;

/**
 * Comes, goes, and proves by the engine's own record that nothing was paused before the grace time was over, and everything
 * soon after it; then comes back.
 */
export async function tryWay(way: Way, place: Place, ledger: Ledger): Promise<void> {
  ledger.begin(way);
  await using stay = await way.come(place);
  const witness = new Witness(place);
  try {
    await place.workspace.becomes('running', AWAKE_WITHIN);
    if (stay.lasts !== undefined) await witness.nothingPausedFor(stay.lasts);
    expect(await place.workspace.state(), 'while the student is there').toBe('running');

    const goneAt = witness.goes();
    await stay.leave();
    await eventually(async () => Date.now() > goneAt + GRACE && (await isAsleep(place)), {
      what: `the workspace of ${place.student.name} sleeps`,
      within: Math.max(0, goneAt + GRACE + (way.noticedWithin ?? 0) + SLACK - Date.now()),
      every: 100,
    });
    expect(await witness.earlyPauses(), 'paused too early').toEqual([]);
    const pauses = witness.pauses(goneAt);
    if (way.ends === undefined)
      expect(pauses.map(({ role }) => role).sort()).toEqual([...place.roles].sort());
    await way.asleep?.(place);
    await (way.comeBack ?? plainLogin)(place);
    const last = way.ends === undefined ? pauses.at(-1) : undefined;
    ledger.right(way, last && last.at - goneAt - GRACE);
  } catch (error) {
    if ((await witness.earlyPauses()).length > 0) ledger.early(way);
    throw error;
  }
}

/**
 * A node that is not there yet is about to run. Where stopping comes soon after the pause a look may be too late to see that: whether
 * there was one is for the engine's record to say.
 */
async function isAsleep({ workspace, roles }: Place): Promise<boolean> {
  const containers = await workspace.containers();
  const all = roles.every((role) => containers.some(({ Config }) => Config.Labels?.[LABEL.role] === role));
  return all && containers.every(({ State }) => ['paused', 'exited'].includes(State.Status));
}

/** What the engine says of the student's containers from the moment that they have come. */
class Witness {
  readonly #place: Place;
  readonly #cameAt = Date.now();
  #goneAt: number | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  /** From now on they go. */
  goes(): number {
    this.#goneAt = Date.now();
    return this.#goneAt;
  }

  /** In order, the student's own alone. */
  pauses(since: number): readonly DockerEvent[] {
    const { recorder, instance, student } = this.#place;
    return recorder.of(instance, { user: student.name, action: 'pause' }).filter(({ at }) => at >= since);
  }

  async nothingPausedFor(duration: number): Promise<void> {
    const { recorder, instance, student } = this.#place;
    await recorder.none(instance, { user: student.name, action: 'pause' }, this.#cameAt, duration);
  }

  /** While they were there, or within the grace time. */
  async earlyPauses(): Promise<readonly DockerEvent[]> {
    await this.#place.recorder.settled();
    const end = this.#goneAt === undefined ? Number.POSITIVE_INFINITY : this.#goneAt + GRACE;
    return this.pauses(this.#cameAt).filter(({ at }) => at < end);
  }
}

export async function plainLogin({ student }: Place): Promise<void> {
  const { stdout, stderr, exitCode } = await student.exec('echo back');
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'back\n', stderr: '', exitCode: 0 });
}
