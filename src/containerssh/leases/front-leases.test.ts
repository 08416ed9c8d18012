import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { connectionNumber, FrontFactory, keyNamed } from '../testing/front-factory.ts';
import { LAUNCH, MemoryFronts } from '../testing/memory-fronts.ts';
import { LEFT_BEHIND_AFTER } from '../testing/memory-leases.ts';

const connection = connectionNumber(0);
const signal = () => new AbortController().signal;
const MINUTE = 60_000;

let clock: VirtualClock;
let fronts: MemoryFronts;
let factory: FrontFactory;

beforeEach(async () => {
  clock = new VirtualClock();
  fronts = new MemoryFronts();
  factory = await started();
});

async function started(): Promise<FrontFactory> {
  const made = new FrontFactory(fronts, clock);
  await made.sessions.adopt(signal());
  return made;
}

/** Opens the session, and makes its container as ContainerSSH does. */
async function connected(): Promise<string> {
  await factory.sessions.open(connection, signal());
  const id = fronts.make(connection);
  factory.sessions.wake();
  await clock.advance(1_000);
  return id;
}

describe('a claim', () => {
  test('holds the lease at once, whether or not the workspace is of use', async () => {
    factory.leases.ready = new Promise(() => {});
    const call = new AbortController();
    const opened = factory.sessions.open(connection, call.signal);
    expect(factory.leases.held).toEqual([connection.id]);
    call.abort(new Error('2 s are over'));
    await expect(opened).rejects.toThrow('2 s are over');
    expect(factory.leases.held).toEqual([connection.id]);
  });

  test('is one, however often the front asks, and ends 90 s after it last did', async () => {
    for (let asked = 0; asked < 5; asked += 1) {
      expect(await factory.sessions.open(connection, signal())).toEqual({
        ...LAUNCH,
        env: { FROM_HOOK: 'yes' },
      });
      await clock.advance(10_000);
    }
    expect(factory.leases.held).toEqual([connection.id]);
    await clock.advance(79_000);
    expect(factory.leases.held).toEqual([connection.id]);
    await clock.advance(2_000);
    expect(factory.leases.ends).toEqual([{ session: connection.id, reason: 'lost' }]);
  });

  test('of one connection in two workspaces is refused', async () => {
    await factory.sessions.open(connection, signal());
    const elsewhere = { ...connection, key: keyNamed('mallory') };
    await expect(factory.sessions.open(elsewhere, signal())).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    expect(factory.leases.held).toEqual([connection.id]);
  });
});

describe('a container', () => {
  test('carries the lease for as long as it is there, and no longer', async () => {
    const id = await connected();
    await clock.advance(10 * LEFT_BEHIND_AFTER);
    expect(factory.leases.held).toEqual([connection.id]);
    fronts.containers.delete(id);
    factory.sessions.wake();
    await clock.advance(1_000);
    expect(factory.leases.ends).toEqual([{ session: connection.id, reason: 'closed' }]);
  });

  test('whose end nobody told of is missed at the next look', async () => {
    const id = await connected();
    fronts.containers.delete(id);
    await clock.advance(31_000);
    expect(factory.leases.held).toEqual([]);
  });

  test('in which nothing runs is removed after left_behind_after; a command meanwhile begins it anew', async () => {
    const id = await connected();
    fronts.change(id, { busy: false });
    await clock.advance(LEFT_BEHIND_AFTER - MINUTE);
    fronts.change(id, { busy: true });
    await clock.advance(MINUTE);
    fronts.change(id, { busy: false });
    await clock.advance(LEFT_BEHIND_AFTER - MINUTE);
    expect(factory.leases.held).toEqual([connection.id]);
    await clock.advance(3 * MINUTE);
    expect(factory.leases.ends).toEqual([{ session: connection.id, reason: 'lost' }]);
    expect(fronts.removed).toEqual([id]);
  });

  test('without processes holds nothing, and is removed where its front does not do it', async () => {
    const id = await connected();
    fronts.change(id, { state: 'ended', busy: false });
    factory.sessions.wake();
    await clock.advance(5_000);
    expect(factory.leases.held).toEqual([]);
    expect(fronts.removed).toEqual([]);
    await clock.advance(10_000);
    expect(fronts.removed).toEqual([id]);
  });

  test('that lost its network is removed at once', async () => {
    const id = await connected();
    fronts.change(id, { cutOff: true });
    factory.sessions.wake();
    await clock.advance(1_000);
    expect(factory.leases.ends).toEqual([{ session: connection.id, reason: 'lost' }]);
    expect(fronts.removed).toEqual([id]);
  });

  test('that is busy counts as input, and opening it as use', async () => {
    await connected();
    await clock.advance(MINUTE);
    expect(factory.leases.uses).toContain(connection.id);
    expect(factory.leases.inputs.length).toBeGreaterThan(1);
    expect(factory.leases.clients).toEqual(['OpenSSH through ContainerSSH']);
  });
});

describe('an end', () => {
  test('that the front tells of removes what is left, also a container that comes later', async () => {
    const id = await connected();
    factory.sessions.close(connection.id);
    expect(factory.leases.held).toEqual([]);
    await clock.advance(1_000);
    const late = fronts.make(connection);
    factory.sessions.wake();
    await clock.advance(1_000);
    expect(fronts.removed).toEqual([id, late]);
    expect(factory.leases.held).toEqual([]);
    expect(factory.leases.ends).toHaveLength(1);
  });

  test('that an operator wants removes the container', async () => {
    const id = await connected();
    factory.leases.notify({ kind: 'over', because: 'operator' });
    expect(factory.leases.ends).toEqual([{ session: connection.id, reason: 'operator' }]);
    await clock.advance(1_000);
    expect(fronts.removed).toEqual([id]);
  });

  test('while the front waits is told to it', async () => {
    factory.leases.ready = new Promise(() => {});
    const opened = factory.sessions.open(connection, signal());
    factory.leases.notify({ kind: 'over', because: 'operator' });
    await expect(opened).rejects.toMatchObject({ code: 'WORKSPACE_ASLEEP' });
  });

  test('is no end for who comes again', async () => {
    await connected();
    factory.sessions.close(connection.id);
    await clock.advance(1_000);
    await connected();
    expect(factory.leases.held).toEqual([connection.id]);
    await clock.advance(10 * MINUTE);
    expect(factory.leases.held).toEqual([connection.id]);
  });

  test('of a connection that nobody knows is none', () => {
    factory.sessions.close('0'.repeat(32));
    expect(factory.leases.ends).toEqual([]);
  });
});

describe('a factory that starts', () => {
  test('has the leases of what it finds when `adopt` resolves, with what is known of each', async () => {
    await connected();
    await factory.sessions[Symbol.asyncDispose]();
    expect(factory.leases.ends).toEqual([]);
    const again = await started();
    expect(again.leases.held).toEqual([connection.id]);
  });

  test('removes what can have no session', async () => {
    const id = await connected();
    await factory.sessions[Symbol.asyncDispose]();
    const again = new FrontFactory(fronts, clock);
    again.leases.labIsKnown = false;
    await again.sessions.adopt(signal());
    await clock.advance(1_000);
    expect(fronts.removed).toEqual([id]);
  });

  test('does not start where it cannot look', async () => {
    fronts.failures = 1;
    await expect(new FrontFactory(fronts, clock).sessions.adopt(signal())).rejects.toThrow();
  });
});

describe('the kubeconfig', () => {
  test('comes when the cluster is of use, and again when that is another', async () => {
    const id = await connected();
    expect(fronts.kubeconfigs.size).toBe(0);
    factory.leases.cluster = { kind: 'ready' };
    await clock.advance(1_000);
    expect([...fronts.kubeconfigs.keys()]).toEqual([id]);
    fronts.kubeconfigs.clear();
    await clock.advance(5 * MINUTE);
    expect(fronts.kubeconfigs.size).toBe(0);
    factory.leases.cluster = { kind: 'asleep' };
    factory.leases.cluster = { kind: 'ready' };
    await clock.advance(1_000);
    expect(fronts.kubeconfigs.size).toBe(1);
  });

  test('that could not be put is put at the next look', async () => {
    const id = await connected();
    factory.leases.cluster = { kind: 'ready' };
    fronts.failures = 1;
    await clock.advance(2 * MINUTE);
    expect([...fronts.kubeconfigs.keys()]).toEqual([id]);
  });
});

test('a look that fails is made again, and nobody loses a lease for it', async () => {
  await connected();
  fronts.failures = 3;
  await clock.advance(2 * MINUTE);
  expect(factory.leases.held).toEqual([connection.id]);
  fronts.containers.clear();
  await clock.advance(MINUTE);
  expect(factory.leases.held).toEqual([]);
});
