import fc from 'fast-check';
import { parseNodeName } from '../../names/node-name.ts';
import type { PartName, WorkspaceEvent } from '../ports/events.ts';
import type { SessionEnd } from '../workspace-access.ts';
import type { WorkspaceCommand } from '../workspace-command.ts';
import { DELETE_AFTER, GRACE, Harness, STOP_AFTER, type StoryEnd } from './harness.ts';
import type { Fault, MemoryPart } from './memory-part.ts';

/* The stories that the model tells: random things that happen to a factory and to its world, one after the other. */

export type Action =
  | { readonly do: 'login' | 'look in' | 'wake' }
  | { readonly do: 'crash'; readonly finishes: boolean }
  | { readonly do: 'reset'; readonly part: PartName }
  | { readonly do: 'logout'; readonly which: number; readonly reason: SessionEnd }
  | { readonly do: 'wait' | 'host sleeps'; readonly ms: number }
  | { readonly do: 'fault'; readonly part: PartName; readonly faults: Fault[] }
  | { readonly do: 'ties fail'; readonly times: number }
  | {
      readonly do: 'outside';
      readonly part: PartName;
      readonly to: 'stopped' | 'suspended' | 'absent' | 'incomplete' | 'running';
    }
  | { readonly do: 'command'; readonly command: WorkspaceCommand }
  | { readonly do: 'pin'; readonly ms: number }
  | { readonly do: 'shortage'; readonly is: boolean }
  | { readonly do: 'servers'; readonly several: boolean }
  | { readonly do: 'hooks fail'; readonly times: number };

const CLUSTER_ORDERS = ['cluster_suspend', 'cluster_stop', 'cluster_delete'] as const;
const AGENT = parseNodeName('agent-0');
if (AGENT === undefined) throw new Error('a node name');

const is = <Value extends string | number>(value: Value) => fc.constant(value);
const part = fc.constantFrom<PartName[]>('container', 'cluster');
const bool = fc.boolean();
const fault = fc.constantFrom<Fault[]>('fails', 'hangs', 'is slow', 'lies', 'fails when done');
/** Around what takes its time: steps, the grace time, the tiers. */
const span = fc.oneof(
  { weight: 5, arbitrary: fc.nat(500) },
  { weight: 5, arbitrary: fc.nat(12_000) },
  { weight: 4, arbitrary: fc.integer({ min: -200, max: 200 }).map((ms) => GRACE + ms) },
  { weight: 3, arbitrary: fc.nat(2 * GRACE) },
  { weight: 2, arbitrary: fc.nat(STOP_AFTER + GRACE) },
  { weight: 1, arbitrary: fc.nat(DELETE_AFTER) },
);
const command: fc.Arbitrary<WorkspaceCommand> = fc.oneof(
  fc.record({ kind: fc.constantFrom('suspend' as const, 'stop' as const), endSessions: bool }),
  fc.record({ kind: fc.constant('delete' as const), endSessions: bool, home: bool }),
  fc.constantFrom({ kind: 'start' as const }, { kind: 'unpin' as const }),
  fc.record({ kind: fc.constant('reset' as const), part }),
  fc.record({ kind: fc.constantFrom(...CLUSTER_ORDERS, 'cluster_start' as const) }),
  fc.record({ kind: fc.constantFrom('node_stop' as const, 'node_start' as const), node: is(AGENT) }),
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('login' as const, 'login' as const, 'look in' as const, 'wake' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('logout'),
      which: fc.nat(3),
      reason: fc.constantFrom<SessionEnd[]>('closed', 'lost', 'idle'),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: is('wait'), ms: span }) },
  { weight: 1, arbitrary: fc.record({ do: is('host sleeps'), ms: fc.oneof(span, is(2 * DELETE_AFTER)) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('fault'), part, faults: fc.array(fault, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('ties fail'), times: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('outside'),
      part,
      to: fc.constantFrom(
        'stopped' as const,
        'suspended' as const,
        'absent' as const,
        'incomplete' as const,
        'running' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('command'), command }) },
  { weight: 1, arbitrary: fc.record({ do: is('pin'), ms: span }) },
  { weight: 1, arbitrary: fc.record({ do: is('reset'), part }) },
  { weight: 1, arbitrary: fc.record({ do: is('crash'), finishes: bool }) },
  { weight: 1, arbitrary: fc.record({ do: is('shortage'), is: bool }) },
  { weight: 1, arbitrary: fc.record({ do: is('servers'), several: bool }) },
  { weight: 1, arbitrary: fc.record({ do: is('hooks fail'), times: fc.integer({ min: 1, max: 3 }) }) },
);

export interface Story {
  readonly actions: readonly Action[];
  readonly end: StoryEnd;
}

export const story: fc.Arbitrary<Story> = fc.record({
  actions: fc.array(action, { minLength: 12, maxLength: 60, size: 'max' }),
  end: fc.constantFrom<StoryEnd[]>('nobody stays', 'somebody stays', ...CLUSTER_ORDERS),
});

/** Runs one story and throws with what was wrong. Resolves with the events of each life of the factory. */
export async function runStory(
  { actions, end }: Story,
  harness = new Harness(),
): Promise<readonly WorkspaceEvent[]> {
  const events: WorkspaceEvent[] = [];
  for (const each of actions) {
    if (each.do === 'crash') events.push(...harness.events);
    await perform(harness, each);
    harness.check();
  }
  await harness.checkAtRest(end);
  return [...events, ...harness.events];
}

async function perform(harness: Harness, step: Action): Promise<void> {
  const { world, clock } = harness;
  switch (step.do) {
    case 'login':
      return harness.login();
    case 'look in':
      return harness.login(false);
    case 'logout':
      return harness.logout(step.which, step.reason);
    case 'wait':
      return clock.advance(step.ms);
    case 'host sleeps':
      return clock.freeze(step.ms);
    case 'fault':
      world[step.part].faults = [...step.faults];
      return;
    case 'ties fail':
      world.tiesFail = step.times;
      return;
    case 'outside':
      return outside(harness, step.part, step.to);
    case 'wake':
      return harness.wake();
    case 'reset':
      return harness.reset(step.part);
    case 'command':
      return harness.command(step.command);
    case 'pin':
      return harness.command({ kind: 'pin', until: clock.now() + step.ms });
    case 'shortage':
      harness.shortage = step.is;
      return;
    case 'servers':
      world.cluster.pauses = !step.several;
      return;
    case 'hooks fail':
      harness.hooks.failures = step.times;
      return;
    case 'crash':
      return harness.crash(step.finishes);
  }
}

/** Somebody changes what is there, behind the factory's back; Docker tells it to look. */
function outside(harness: Harness, name: PartName, to: MemoryPart['state']): void {
  const memory = harness.world[name];
  if (memory.state === 'absent' || memory.state === 'incomplete') return;
  if (name === 'container' && to === 'incomplete') return;
  memory.state = to;
  if (to === 'running') harness.wokenOutside = true;
  harness.wake();
}
