import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { SessionNotice } from '../workspace-access.ts';
import { type LimitRules, type SessionTimes, sessionDue, sessionEndsAt } from './session-limits.ts';

const MINUTE = 60_000;
const NO_RULES: LimitRules = { idleDisconnect: undefined, maxSession: undefined };

interface Told {
  readonly at: number;
  readonly notice: SessionNotice;
  readonly lastInput: number;
}

/** A session under the rules, with a timer such as a lease has. */
class Session {
  readonly told: Told[] = [];
  readonly since: number;
  lastInput: number;
  extension = 0;
  #lookedAt: number;
  #timer: Disposable | undefined;
  readonly #rules: LimitRules;
  readonly #clock: VirtualClock;

  constructor(rules: LimitRules, clock: VirtualClock) {
    this.#rules = rules;
    this.#clock = clock;
    this.since = clock.now();
    this.lastInput = this.since;
    this.#lookedAt = this.since;
    this.look();
  }

  get times(): SessionTimes {
    const { since, lastInput, extension } = this;
    return { since, lastInput, extension, lookedAt: this.#lookedAt };
  }

  get over(): Told | undefined {
    return this.told.find(({ notice }) => notice.kind === 'over');
  }

  warnings(because: 'idle' | 'max_session'): Told[] {
    return this.told.filter(({ notice }) => notice.kind === 'ends_soon' && notice.because === because);
  }

  input(): void {
    this.lastInput = this.#clock.now();
  }

  extend(ms: number): void {
    this.extension += ms;
    this.look();
  }

  look(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.over !== undefined) return;
    const now = this.#clock.now();
    const { notices, lookAgainAt } = sessionDue(this.times, this.#rules, now);
    this.#lookedAt = now;
    for (const notice of notices) this.told.push({ at: now, notice, lastInput: this.lastInput });
    if (lookAgainAt === undefined) return;
    expect(lookAgainAt).toBeGreaterThan(now);
    this.#timer = this.#clock.schedule(lookAgainAt - now, () => this.look());
  }
}

function begin(rules: Partial<LimitRules>) {
  const clock = new VirtualClock();
  return { clock, session: new Session({ ...NO_RULES, ...rules }, clock) };
}

const atMinutes = ({ told, since }: Session) =>
  told.map(({ at, notice }) => [notice.kind, notice.because, (at - since) / MINUTE]);

describe('the end of a session', () => {
  test('that nothing limits never comes', async () => {
    const { clock, session } = begin({});
    await clock.advance(1e12);
    expect(session.told).toEqual([]);
    expect(sessionEndsAt(session.times, NO_RULES)).toBeUndefined();
  });

  test('by max_session is warned of 15 and 5 minutes before', async () => {
    const { clock, session } = begin({ maxSession: 60 * MINUTE });
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'max_session', 45],
      ['ends_soon', 'max_session', 55],
      ['over', 'max_session', 60],
    ]);
  });

  test('has only the warnings that fit', async () => {
    const { clock, session } = begin({ maxSession: 10 * MINUTE });
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'max_session', 5],
      ['over', 'max_session', 10],
    ]);
  });

  test('moves when it is put off, and says where to', async () => {
    const { clock, session } = begin({ maxSession: 60 * MINUTE });
    await clock.advance(50 * MINUTE);
    session.extend(2 * MINUTE);
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'max_session', 45],
      ['ends_soon', 'max_session', 50],
      ['ends_soon', 'max_session', 57],
      ['over', 'max_session', 62],
    ]);
  });

  test.each([
    [60, 55],
    [10, 8],
    [1, 0.8],
  ])('for want of input in %d minutes is warned of after %d', async (idle, warned) => {
    const { clock, session } = begin({ idleDisconnect: idle * MINUTE });
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'idle', warned],
      ['over', 'idle', idle],
    ]);
  });

  test('is put off by input, also after the warning', async () => {
    const { clock, session } = begin({ idleDisconnect: 10 * MINUTE });
    await clock.advance(9 * MINUTE);
    session.input();
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'idle', 8],
      ['ends_soon', 'idle', 17],
      ['over', 'idle', 19],
    ]);
  });

  test('for want of input is warned of although another comes before it, which may be put off', async () => {
    const { clock, session } = begin({ idleDisconnect: 10 * MINUTE, maxSession: 12 * MINUTE });
    await clock.advance(3 * MINUTE);
    session.input();
    await clock.advance(8.5 * MINUTE);
    session.extend(30 * MINUTE);
    await clock.advance(100 * MINUTE);
    expect(atMinutes(session)).toEqual([
      ['ends_soon', 'max_session', 7],
      ['ends_soon', 'idle', 11],
      ['over', 'idle', 13],
    ]);
  });

  test('does not go away when nobody looks in time, and late warnings of one end are one', () => {
    const times = { since: 0, lastInput: 0, extension: 0, lookedAt: 0 };
    const rules = { maxSession: 60 * MINUTE, idleDisconnect: 62 * MINUTE };
    expect(sessionDue(times, rules, 57.5 * MINUTE)).toEqual({
      notices: [
        { kind: 'ends_soon', because: 'max_session', at: 60 * MINUTE },
        { kind: 'ends_soon', because: 'idle', at: 62 * MINUTE },
      ],
      lookAgainAt: 60 * MINUTE,
    });
    for (const late of [60, 61, 600]) {
      expect(sessionDue(times, rules, late * MINUTE).notices).toEqual([
        { kind: 'over', because: 'max_session' },
      ]);
    }
  });
});

type Act =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'input' }
  | { readonly do: 'look' }
  | { readonly do: 'extend'; readonly ms: number };

const span = fc.integer({ min: 1, max: 40 * MINUTE });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: span.map((ms): Act => ({ do: 'wait', ms })) },
  { weight: 3, arbitrary: fc.constant<Act>({ do: 'input' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'look' }) },
  { weight: 1, arbitrary: span.map((ms): Act => ({ do: 'extend', ms })) },
);
const rule = fc.option(fc.integer({ min: 5, max: 120 * MINUTE }), { nil: undefined });

test('whatever is typed, waited and put off: no end comes early, late, or without its warning', async () => {
  await fc.assert(
    fc.asyncProperty(rule, rule, fc.array(act, { maxLength: 40 }), async (idle, max, acts) => {
      const rules: LimitRules = { idleDisconnect: idle, maxSession: max };
      const clock = new VirtualClock();
      const session = new Session(rules, clock);
      for (const each of acts) {
        if (each.do === 'wait') await clock.advance(each.ms);
        if (session.over !== undefined) break;
        if (each.do === 'input') session.input();
        if (each.do === 'look') session.look();
        if (each.do === 'extend') session.extend(each.ms);
      }
      const { lastInput, extension, since } = session;
      const idleEnd = idle === undefined ? Number.POSITIVE_INFINITY : lastInput + idle;
      const maxEnd = max === undefined ? Number.POSITIVE_INFINITY : since + max + extension;
      await clock.advance(1_000 * MINUTE);
      await clock.advance(1_000 * MINUTE);

      // The end: at its time, by the rule that came first, once.
      const { over } = session;
      if (Math.min(idleEnd, maxEnd) === Number.POSITIVE_INFINITY) {
        expect(session.told).toEqual([]);
        return;
      }
      expect(over?.at).toBe(Math.min(idleEnd, maxEnd));
      expect(over?.notice.because).toBe(idleEnd < maxEnd ? 'idle' : 'max_session');
      expect(session.told.at(-1)).toBe(over);

      // The warnings: of idleness one for each silence, always before the end of it.
      const silences = session.warnings('idle').map((told) => told.lastInput);
      expect(new Set(silences).size).toBe(silences.length);
      if (over?.notice.because === 'idle') {
        const last = session.warnings('idle').at(-1);
        expect(last?.lastInput).toBe(lastInput);
        expect(over.at - (last?.at ?? 0)).toBeGreaterThanOrEqual(Math.min(5 * MINUTE, (idle ?? 0) / 5) - 1);
      }
      // And of the other end no more than three for each time that it was put off.
      const puts = acts.filter((each) => each.do === 'extend').length;
      expect(session.warnings('max_session').length).toBeLessThanOrEqual(2 + 3 * puts);
      if (over?.notice.because === 'max_session' && (max ?? 0) > 5 * MINUTE) {
        expect(session.warnings('max_session').length).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 1_000 },
  );
});
