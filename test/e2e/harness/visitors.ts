import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { eventually } from './eventually.ts';

/** Who is to answer: an app by what it says of itself, a page, or undefined while that is about to change. */
export type Expected = string | 'asleep' | 'nobody' | undefined;

/** A host whose app comes and goes while it is visited. */
export interface Visited {
  readonly host: string;
  /** Of right now. */
  readonly expected: Expected;
  /** Grows with each change of `expected`. */
  readonly changes: number;
  /** Whether an app of this host ever says so. */
  isOwn(says: string): boolean;
  /** Its app is being started: until it listens its own ingress answers for it, as it likes. */
  readonly starting?: boolean;
}

/** One request, and what became of it: what an app says of itself, a page, or in words what went wrong. */
export interface Visit {
  readonly host: string;
  /** ms since the epoch, by the clock that the engine's events have. */
  readonly sentAt: number;
  readonly took: number;
  readonly answer: string;
}

export interface VisitorsOptions {
  /** Where the hosts are to be found by HTTP. */
  readonly at: { readonly host: string; readonly port: number };
  /** So many requests at the same time. */
  readonly visitors: number;
  /** Which is visited next. */
  readonly choose: () => Visited | undefined;
}

/** ms between two requests of one visitor: they are not to be all that the machine does. */
const PACE = 5;
/** A request that takes longer hangs; ms. */
const HANGS = 15_000;
/** Before the status of an answer that is neither an app's nor a page. */
const STATUS = 'status ';

/** Ask for hosts over connections that are kept, until they are disposed of, and hold each answer against who had to give it. */
export class Visitors implements AsyncDisposable {
  /** By host and kind of answer, how many were right where only one was. */
  readonly right = new Map<string, number>();
  /** The others: who is to answer was changed meanwhile. */
  readonly atAChange: Visit[] = [];
  readonly wrong: string[] = [];
  readonly #pool: Pool;
  readonly #over = new AbortController();
  readonly #underWay: Promise<unknown>;
  readonly #open = new Set<{ readonly host: string; readonly ended: Promise<void> }>();

  constructor({ at, visitors, choose }: VisitorsOptions) {
    this.#pool = new Pool(`http://${at.host}:${at.port}`, { connections: 2 * visitors });
    this.#underWay = Promise.all(Array.from({ length: visitors }, () => this.#visit(choose)));
  }

  /** How often each kind of answer came at a change. */
  get talliedAtAChange(): Readonly<Record<string, number>> {
    const kinds = Map.groupBy(this.atAChange, ({ answer }) => answer);
    return Object.fromEntries([...kinds].map(([kind, visits]) => [kind, visits.length]));
  }

  /** Resolves when so many more of this kind were right. */
  async see(kind: 'app' | 'asleep' | 'nobody', times: number): Promise<void> {
    const count = () => this.right.get(kind) ?? 0;
    const enough = count() + times;
    const what = `${times} right answers of the kind "${kind}"`;
    await eventually(() => count() >= enough, { what, every: 10 });
  }

  /** Resolves when the requests for this host are answered that have been sent until now. */
  async answered(host: string): Promise<void> {
    const sent = [...this.#open].filter((visit) => visit.host === host);
    await Promise.all(sent.map(({ ended }) => ended));
  }

  /** No more are sent; resolves when all are answered. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#underWay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.#pool.close();
  }

  async #visit(choose: () => Visited | undefined): Promise<void> {
    while (!this.#over.signal.aborted) {
      const visited = choose();
      if (visited !== undefined) await this.#visitOnce(visited);
      await delay(PACE);
    }
  }

  async #visitOnce(visited: Visited): Promise<void> {
    const visit = { host: visited.host, ended: this.#ask(visited) };
    this.#open.add(visit);
    await visit.ended;
    this.#open.delete(visit);
  }

  async #ask(visited: Visited): Promise<void> {
    const { expected, changes, host } = visited;
    const starting = () => visited.starting === true;
    const startingBefore = starting();
    const [sentAt, began] = [Date.now(), performance.now()];
    const answer = await this.#answer(visited);
    const visit = { host, sentAt, took: performance.now() - began, answer };
    const atAChange = expected === undefined || changes !== visited.changes;
    const ingress = (startingBefore || starting()) && answer.startsWith(STATUS);
    const allowed = answer === 'asleep' || answer === 'nobody' || visited.isOwn(answer) || ingress;
    if (atAChange && allowed) this.atAChange.push(visit);
    else if (atAChange || answer !== expected) this.wrong.push(inWords(visit, expected));
    else this.#count(visited.isOwn(answer) ? 'app' : answer);
  }

  async #answer({ host }: Visited): Promise<string> {
    try {
      const { statusCode, body } = await this.#pool.request({
        path: '/',
        method: 'GET',
        headers: { host },
        headersTimeout: HANGS,
        bodyTimeout: HANGS,
      });
      const text = await body.text();
      if (statusCode === 503) return 'asleep';
      if (statusCode === 404) return 'nobody';
      return statusCode === 200 ? (/^Name: (.+)$/m.exec(text)?.[1] ?? text) : `${STATUS}${statusCode}`;
    } catch (error) {
      return error instanceof Error ? `no answer: ${error.message}` : 'no answer';
    }
  }

  #count(kind: string): void {
    this.right.set(kind, (this.right.get(kind) ?? 0) + 1);
  }
}

function inWords({ host, sentAt, took, answer }: Visit, expected: Expected): string {
  const at = new Date(sentAt).toISOString();
  return `${host}, ${at}, after ${took.toFixed()} ms: ${answer} in place of ${expected ?? 'app or page'}`;
}
