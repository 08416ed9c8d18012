import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import { parseJson } from '../json/parse-json.ts';
import type { Clock } from '../time/clock.ts';
import type { TokenFacts } from './claims.ts';
import { type Revocation, rememberedFor, revocationsThatConcern, subjectOf } from './revocation.ts';
import { readTokenFile, unusable, writeTokenFile } from './token-files.ts';
import type { RevokedTokens } from './token-verifier.ts';

const FILE = 'revocations.json';

/** Those by name and by id, which people give; those of workspaces are forgotten after a quarter of an hour. */
export const MOST_BY_HAND = 10_000;

const BROKEN =
  'The file tokens/revocations.json in the data folder is broken; put it back from a backup, or remove it together with tokens/keys.json: all tokens are void then.';

const entrySchema = z.strictObject({
  kind: z.enum(['workspace', 'name', 'id']),
  /** "alice/k3s", "carol", a UUID. */
  of: z.string().min(1).max(100),
  /** Tokens issued until then are void. */
  at: z.iso.datetime(),
});

const fileSchema = z.strictObject({ format: z.literal(1), revocations: z.array(entrySchema) });

interface Entry {
  readonly kind: Revocation['kind'];
  readonly of: string;
  /** ms since the epoch */
  readonly at: number;
}

export interface RevocationsOptions {
  /** The data folder, locked. */
  readonly data: string;
  readonly clock: Clock;
}

/**
 * What was revoked, in `tokens/revocations.json` of the data folder. Each is forgotten when the last token that it concerns is over. Students'
 * tokens of before the start are void without an entry: their sessions ended with the factory that held them.
 */
export class Revocations implements RevokedTokens, AsyncDisposable {
  readonly #options: RevocationsOptions;
  readonly #entries: Map<string, Entry>;
  readonly #startedAt: number;
  #written: Promise<unknown> = Promise.resolve();
  /** The write that has not begun; who comes meanwhile goes with it. */
  #next: Promise<void> | undefined;

  private constructor(options: RevocationsOptions, entries: readonly Entry[]) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#entries = new Map(entries.map((entry) => [nameOf(entry.kind, entry.of), entry]));
  }

  /** Rejects with `TOKEN_KEYS_UNUSABLE`: without them, tokens would be good again. */
  static async open(options: RevocationsOptions): Promise<Revocations> {
    return new Revocations(options, await readEntries(options.data));
  }

  /**
   * Makes void what was issued until now, this millisecond included; at once, and resolves when it is kept over a restart. Rejects with
   * `REQUEST_INVALID` where there are too many, `TOKEN_KEYS_UNUSABLE` where it holds for this run alone.
   */
  revoke(revocation: Revocation): Promise<void> {
    const { kind } = revocation;
    const entry = { kind, of: subjectOf(revocation), at: this.#options.clock.now() };
    this.#forget();
    const name = nameOf(kind, entry.of);
    if (kind !== 'workspace' && !this.#entries.has(name) && this.#countByHand() >= MOST_BY_HAND) {
      return Promise.reject(tooMany());
    }
    this.#entries.set(name, entry);
    return this.#keep();
  }

  isRevoked(token: TokenFacts): boolean {
    if (token.principal.role === 'student' && token.issuedAt < this.#startedAt) return true;
    return revocationsThatConcern(token).some((revocation) => {
      const entry = this.#entries.get(nameOf(revocation.kind, subjectOf(revocation)));
      return entry !== undefined && token.issuedAt <= entry.at;
    });
  }

  /** Waits for what is being written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
  }

  #countByHand(): number {
    return [...this.#entries.values()].filter(({ kind }) => kind !== 'workspace').length;
  }

  #forget(): void {
    const now = this.#options.clock.now();
    for (const [name, { kind, at }] of this.#entries) {
      if (now > at + rememberedFor(kind)) this.#entries.delete(name);
    }
  }

  #keep(): Promise<void> {
    this.#next ??= this.#written.then(() => {
      this.#next = undefined;
      return writeEntries(this.#options.data, [...this.#entries.values()]);
    });
    this.#written = this.#next.catch(() => undefined);
    return this.#next;
  }
}

async function readEntries(data: string): Promise<readonly Entry[]> {
  const text = await readTokenFile(data, FILE);
  if (text === undefined) return [];
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw unusable(BROKEN, { detail: z.prettifyError(parsed.error) });
  return parsed.data.revocations.map((entry) => ({ ...entry, at: Date.parse(entry.at) }));
}

async function writeEntries(data: string, entries: readonly Entry[]): Promise<void> {
  const revocations = entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
  await writeTokenFile(data, FILE, { format: 1, revocations });
}

function nameOf(kind: Revocation['kind'], of: string): string {
  return `${kind} ${of}`;
}

function tooMany(): FactoryError {
  return new FactoryError(
    'REQUEST_INVALID',
    `There are ${MOST_BY_HAND} revocations by name and by id already; stop the factory and remove tokens/keys.json in its data folder, and all tokens are void.`,
  );
}
