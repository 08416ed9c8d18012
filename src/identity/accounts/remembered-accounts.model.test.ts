import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../../errors/error-codes.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { Confirmation } from '../identity.ts';
import { TestAccounts } from '../testing/accounts-api.ts';
import { recordingLogger, username } from '../testing/fixtures.ts';
import { startTestKeyServer, type TestKeyServer } from '../testing/key-server.ts';
import { makeTestKey } from '../testing/test-keys.ts';
import { RememberedAccounts } from './remembered-accounts.ts';

const alice = username('alice');
const signal = new AbortController().signal;
/** Each of the accounts has two keys of its own. */
const KEYS = [1, 2, 3].map(() => [makeTestKey('ssh-ed25519'), makeTestKey('ssh-ed25519')] as const);

type Step =
  /** Whoever has the name now comes with one of their keys; `many`: several times at once. */
  | { readonly do: 'login'; readonly key: 0 | 1; readonly many: boolean }
  /** The name is taken by this account. */
  | { readonly do: 'take'; readonly account: number }
  /** Nobody is called so any more; the account has another name. */
  | { readonly do: 'rename' }
  | { readonly do: 'api'; readonly up: boolean }
  | { readonly do: 'wait' }
  | { readonly do: 'restart' }
  | { readonly do: 'accept' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('login' as const),
      key: fc.constantFrom(0 as const, 1 as const),
      many: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), account: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('api' as const), up: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept' as const) }) },
);

let server: TestKeyServer;
beforeAll(async () => {
  server = await startTestKeyServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Let in without an answer. */
interface Session {
  readonly account: number;
  refusal: ErrorCode | undefined | 'open';
}

/** The world, the factory in it, and what the factory must hold of it. */
class Story {
  readonly #folder: string;
  readonly #clock = new VirtualClock();
  readonly #github = new TestAccounts();
  #accounts: RememberedAccounts;
  #isUp = true;
  /** Who has the name; undefined: nobody. */
  #owner: number | undefined = 0;
  /** Whom the name means here. */
  #known: number | undefined;
  /** Nobody gets in until this one is accepted. */
  #refusedFor: number | undefined;
  #open: Session[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#accounts = this.#start();
    this.#github.register('alice', 1);
    server.answer = (response, request) => {
      if (this.#isUp) this.#github.answer(response, request);
      else response.writeHead(503).end();
    };
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'login':
        return this.#login(step.key, step.many ? 3 : 1);
      case 'take':
        this.#owner = step.account;
        return this.#github.register('alice', step.account + 1);
      case 'rename':
        this.#github.rename('alice', 'alicia');
        this.#owner = undefined;
        return;
      case 'api':
        this.#isUp = step.up;
        return;
      case 'wait':
        return this.#wait();
      case 'restart':
        await this.#accounts[Symbol.asyncDispose]();
        this.#open = [];
        this.#accounts = this.#start();
        return;
      case 'accept':
        await this.#accounts.accept(alice);
        this.#known = this.#refusedFor ?? this.#known;
        this.#refusedFor = undefined;
    }
  }

  async end(): Promise<void> {
    await this.#accounts[Symbol.asyncDispose]();
  }

  #start(): RememberedAccounts {
    const { logger } = recordingLogger();
    return new RememberedAccounts({
      source: 'test',
      api: server.url,
      folder: this.#folder,
      logger,
      clock: this.#clock,
      questionsPerHour: Number.POSITIVE_INFINITY,
    });
  }

  async #login(key: 0 | 1, times: number): Promise<void> {
    const account = this.#owner;
    // The key server does not list a name that nobody has.
    if (account === undefined) return;
    const keys = KEYS[account]?.map((each) => each.key) ?? [];
    const used = keys[key] ?? expect.fail();
    const known = { kind: 'known', source: 'test', editHint: '', keys, keysArePublic: true } as const;
    const credential = { kind: 'public_key', key: used } as const;
    const all = await Promise.all(
      Array.from({ length: times }, () => this.#accounts.confirm(alice, known, credential, signal)),
    );
    for (const confirmation of all) this.#judge(account + 1, confirmation);
  }

  #judge(id: number, confirmation: Confirmation): void {
    const { kind } = confirmation;
    if (kind === 'later') {
      expect(this.#refusedFor).toBeUndefined();
      const session: Session = { account: id, refusal: 'open' };
      void confirmation.refusal.then((refusal) => {
        session.refusal = refusal?.code;
      });
      this.#open.push(session);
      return;
    }
    if (this.#refusedFor === undefined && this.#isUp) this.#learn(id);
    // A changed account never comes in, and an unchanged one is never refused.
    expect(kind).toBe(this.#refusedFor === undefined ? 'confirmed' : 'refused');
    if (kind === 'confirmed') expect(id).toBe(this.#known);
  }

  /** The API says that the name is this account. */
  #learn(id: number): void {
    this.#known ??= id;
    if (id !== this.#known) this.#refusedFor = id;
  }

  /** Long enough for every open question to be asked again. */
  async #wait(): Promise<void> {
    for (let tries = 0; tries < 100 && (tries === 0 || this.#isUp) && this.#hasOpen(); tries += 1) {
      await this.#clock.advance(600_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (!this.#isUp || this.#open.length === 0) return;
    expect(this.#hasOpen()).toBe(false);
    if (this.#owner !== undefined && this.#refusedFor === undefined) this.#learn(this.#owner + 1);
    const code = this.#owner === undefined ? 'IDENTITY_UNAVAILABLE' : undefined;
    const expected = this.#refusedFor === undefined ? code : 'IDENTITY_CHANGED';
    for (const { refusal } of this.#open) expect(refusal).toBe(expected);
    this.#open = [];
    if (this.#known === undefined) return;
    expect(await this.#accounts.recall(alice)).toMatchObject({
      id: this.#known,
      ...(this.#refusedFor !== undefined && { refused: { id: this.#refusedFor } }),
    });
  }

  #hasOpen(): boolean {
    return this.#open.some(({ refusal }) => refusal === 'open');
  }
}

test('whatever happens, no changed account comes in once one is known, and no unchanged one is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
      const folder = await mkdtemp(join(tmpdir(), 'accounts-model-'));
      const story = new Story(folder);
      try {
        for (const each of steps) await story.take(each);
      } finally {
        await story.end();
        await rm(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);
