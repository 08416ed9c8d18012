import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { docker, dockerLines } from './harness/docker.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { kubectl } from './harness/kubectl.ts';
import { refreshMemory } from './survival/furniture.ts';
import { documentedRows, EVENTS, type Event } from './survival/table.ts';
import { lookAround, THINGS } from './survival/things.ts';
import { SurvivalWorld } from './survival/world.ts';

/** Long enough that a login after the pause comes before the stop, also on a busy machine; ms. */
const STOP_AFTER = 45_000;
/** Of all that happens between two looks; ms. */
const LONGEST = 12 * 60_000;

const rows = await documentedRows();

test('the table in docs/what-survives.md has a row for each thing that is looked at here', () => {
  expect(rows.map(({ thing }) => thing)).toEqual(THINGS.map(({ name }) => name));
});

describe('one workspace through everything that can happen to it', () => {
  let world: SurvivalWorld;
  beforeAll(async () => {
    world = await SurvivalWorld.make({ stopAfter: `${STOP_AFTER}ms` });
    seen = await lookAround(world);
  }, LONGEST);
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach((context) => world.factory.showLogOnFailure(context));

  const happen: Readonly<Record<Event, () => Promise<void>>> = {
    suspend: async () => {
      await world.logOut();
      await world.workspace.becomes('paused');
      await world.logIn();
    },
    stop: async () => {
      const memory = await memoryOf(world);
      expect(memory.groups, 'while it runs').not.toEqual([]);
      await world.logOut();
      await world.workspace.becomes('exited', STOP_AFTER + PATIENCE);
      // Docker says that a container has ended before the last of its control group is gone.
      asleep = await eventually(
        async () => {
          const left = await memoryOf(world);
          return left.processes.length === 0 && left.groups.length === 0 && left;
        },
        { what: 'the memory is freed', within: 30_000 },
      ).catch(() => memoryOf(world));
      await world.logIn();
    },
    'power cut': async () => {
      await world.factory.kill();
      const containers = await world.workspace.containers();
      await docker(['kill', ...containers.map(({ Id }) => Id)]);
      await world.sessionEnded();
      await world.factory.startAgain();
      await world.logIn();
    },
    '`@reset`': async () => {
      await world.alice.run('@reset --yes');
      await world.sessionEnded();
      await world.logIn();
    },
  };
  /** While it was stopped. */
  let asleep: Memory | undefined;
  /** What was to be seen after the last event. */
  let seen: Sight;

  describe.each(EVENTS)('%s', (event) => {
    let before: Sight;
    let after: Sight;
    let restartedAt: number;

    beforeAll(async () => {
      await refreshMemory(world.alice);
      const volatile = THINGS.filter((thing) => thing.volatile);
      before = new Map([...seen, ...(await lookAround(world, volatile))]);
      await happen[event]();
      restartedAt = Date.now();
      // What does not come back is named by its own row.
      await world.podsRun().catch(() => {});
      const gone = rows.filter(({ verdicts }) => verdicts[event] === 'gone').map(({ thing }) => thing);
      after = await lookAround(
        world,
        THINGS,
        (thing, text) => gone.includes(thing) || text === before.get(thing),
      );
      seen = after;
    }, LONGEST);

    test.each(rows.map(({ thing, verdicts }) => [thing, verdicts[event]] as const))(
      '%s: %s',
      (thing, verdict) => {
        expect(before.get(thing), 'it was there before').toBeDefined();
        if (verdict === 'kept') expect(after.get(thing)).toBe(before.get(thing));
        else expect(after.get(thing)).not.toBe(before.get(thing));
      },
    );

    if (event !== 'stop') return;

    test('the memory is freed: no process and no control group is left', () => {
      expect(asleep).toEqual({ processes: [], groups: [] });
    });

    test('a CronJob fires again', async () => {
      const fired = async () => {
        const times = await kubectl(
          world.alice,
          "get jobs -o jsonpath='{.items[*].metadata.creationTimestamp}'",
        );
        return times.split(' ').some((time) => Date.parse(time) >= restartedAt);
      };
      await eventually(fired, { what: 'a job of the CronJob is made', within: 200_000, every: 1_000 });
    });
  });

  test("after all that the log names the workspace often, and has none of its cluster's keys", async () => {
    const kubeconfig = await readFile(world.kubeconfig, 'utf8');
    const [, key = ''] = /client-key-data: (\S+)/.exec(kubeconfig) ?? [];
    const pem = Buffer.from(key, 'base64').toString();
    expect(pem).toContain('PRIVATE KEY');
    expect(world.factory.log).toContain('alice/k3s');
    for (const secret of [key, pem.split('\n')[1] ?? '']) expect(world.factory.log).not.toContain(secret);
  });
});

type Sight = Awaited<ReturnType<typeof lookAround>>;

interface Memory {
  readonly processes: readonly string[];
  readonly groups: readonly string[];
}

/** What the workspace's containers have of the host's memory: their first processes, and their control groups. */
async function memoryOf({ workspace }: SurvivalWorld): Promise<Memory> {
  const ids = (await workspace.containers()).map(({ Id }) => Id);
  const pids = await dockerLines(['inspect', '--format', '{{.State.Pid}}', ...ids]);
  return { processes: pids.filter((pid) => pid !== '0'), groups: await controlGroups(ids) };
}

/** Docker names a container's control group after its id, in whatever way the system has them. */
async function controlGroups(ids: readonly string[]): Promise<readonly string[]> {
  const names = ids.flatMap((id, index) => [...(index === 0 ? [] : ['-o']), '-name', `*${id}*`]);
  const { stdout } = await execa('find', ['/sys/fs/cgroup', '-type', 'd', '(', ...names, ')'], {
    timeout: PATIENCE,
  });
  return stdout.split('\n').filter(Boolean);
}
