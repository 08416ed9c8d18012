import { pino } from 'pino';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import { ForwardKeeper } from './forward-keeper.ts';

const MINUTE = 60_000;
const LIMITS = { restoreTries: 4, restorePause: 500 };

/** Forwards that are lost and come back as the test says; `tries`: when it was tried to restore them, ms since their loss. */
class LosableForwards {
  readonly clock = new VirtualClock();
  readonly over = new AbortController();
  readonly tries: number[] = [];
  gaveUp = 0;
  anyLost = false;
  restores: () => Promise<void> = async () => {
    this.anyLost = false;
  };
  connects: () => Promise<void> = async () => {};
  readonly keeper: ForwardKeeper;
  #lostAt = 0;

  constructor() {
    // What a keeper does not touch is left out.
    const inner = { answerTimeout: 30_000 } as InnerConnection;
    this.keeper = new ForwardKeeper({
      forwards: this,
      hop: {
        connect: async () => {
          this.tries.push(this.clock.now() - this.#lostAt);
          await this.connects();
          return inner;
        },
      },
      limits: LIMITS,
      clock: this.clock,
      signal: this.over.signal,
      logger: pino({ level: 'silent' }),
      giveUp: () => {
        this.gaveUp += 1;
      },
    });
  }

  restore(): Promise<void> {
    return this.restores();
  }

  /** Resolves when no promise is under way. */
  async lose(): Promise<void> {
    this.#lostAt = this.clock.now();
    this.tries.length = 0;
    this.anyLost = true;
    void this.keeper.keep();
    await this.clock.advance(0);
  }
}

const failing = async (): Promise<void> => {
  throw new Error('no sshd');
};

test('what was lost is restored at once', async () => {
  const forwards = new LosableForwards();
  await forwards.lose();
  expect(forwards).toMatchObject({ tries: [0], anyLost: false, gaveUp: 0 });
  expect(forwards.clock.pending).toBe(0);
});

test('where nothing was lost nothing is tried', async () => {
  const forwards = new LosableForwards();
  await forwards.keeper.keep();
  expect(forwards.tries).toEqual([]);
});

test.each(['connects', 'restores'] as const)(
  'where it never %s, pauses grow, tries end, and it is told once',
  async (what) => {
    const forwards = new LosableForwards();
    if (what === 'connects') forwards.connects = failing;
    else forwards.restores = async () => {};
    await forwards.lose();
    await forwards.clock.advance(MINUTE);
    expect(forwards).toMatchObject({ tries: [0, 500, 1_500, 3_500], gaveUp: 1 });
    await forwards.lose();
    await forwards.clock.advance(MINUTE);
    expect(forwards).toMatchObject({ tries: [], gaveUp: 1 });
  },
);

test('where somebody else has made the connection anew no pause is waited out, and no try used up', async () => {
  const forwards = new LosableForwards();
  forwards.restores = async () => {};
  await forwards.lose();
  await forwards.clock.advance(100);
  forwards.keeper.opened();
  await forwards.clock.advance(MINUTE);
  expect(forwards).toMatchObject({ tries: [0, 100, 600, 1_600, 3_600], gaveUp: 1 });
});

test('an sshd that ends as soon as it was started is not started for ever', async () => {
  const forwards = new LosableForwards();
  for (let time = 0; time < LIMITS.restoreTries; time++) {
    await forwards.lose();
    await forwards.clock.advance(10_000);
    expect(forwards).toMatchObject({ anyLost: false, gaveUp: 0 });
  }
  await forwards.lose();
  expect(forwards).toMatchObject({ tries: [], gaveUp: 1 });
});

test('who was steady for a while has all tries anew', async () => {
  const forwards = new LosableForwards();
  for (let time = 0; time < 3 * LIMITS.restoreTries; time++) {
    await forwards.lose();
    expect(forwards).toMatchObject({ tries: [0], anyLost: false, gaveUp: 0 });
    await forwards.clock.advance(MINUTE);
  }
});

test('an sshd that does not answer is not waited for', async () => {
  const forwards = new LosableForwards();
  forwards.restores = () => new Promise(() => {});
  await forwards.lose();
  await forwards.clock.advance(10 * MINUTE);
  expect(forwards).toMatchObject({ tries: [0, 30_500, 61_500, 93_500], gaveUp: 1 });
});

test.each([
  ['a pause', failing, async () => {}],
  ['a connection that is being made', () => new Promise<void>(() => {}), async () => {}],
  ['an answer', async () => {}, () => new Promise<void>(() => {})],
])('the end of the client’s connection during %s is the end of it all', async (_when, connects, restores) => {
  const forwards = new LosableForwards();
  Object.assign(forwards, { connects, restores });
  await forwards.lose();
  forwards.over.abort();
  await forwards.clock.advance(10 * MINUTE);
  expect(forwards).toMatchObject({ tries: [0], gaveUp: 0 });
  expect(forwards.clock.pending).toBe(0);
});

test('nor is it given up when the client’s connection ends during the last try', async () => {
  const forwards = new LosableForwards();
  forwards.connects = failing;
  await forwards.lose();
  await forwards.clock.advance(2_000);
  forwards.connects = async () => {
    forwards.over.abort();
    throw new Error('no client');
  };
  await forwards.clock.advance(MINUTE);
  await forwards.keeper.keep();
  expect(forwards).toMatchObject({ tries: [0, 500, 1_500, 3_500], gaveUp: 0 });
});

test('what is lost while it is tried is seen to as well', async () => {
  const forwards = new LosableForwards();
  forwards.restores = async () => {
    forwards.restores = async () => {
      forwards.anyLost = false;
    };
    void forwards.keeper.keep();
  };
  await forwards.lose();
  await forwards.clock.advance(MINUTE);
  expect(forwards).toMatchObject({ tries: [0, 500], anyLost: false, gaveUp: 0 });
});
