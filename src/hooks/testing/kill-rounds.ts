import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { hookBodySchema } from '../messages/hook-body.ts';
import { ODD_USERS, PLAIN_USERS } from './doomed-users.ts';
import { json, OK, type Received, type Receiver, status } from './receiver.ts';

/** One run of a factory; `point` undefined: it is not killed, and ends when all is delivered. */
export interface Round {
  readonly point: string | undefined;
  /** It dies when that point is passed for the count-th time. */
  readonly count: number;
}

/** What a factory did that was killed again and again. */
export interface Survived {
  /** By point. */
  readonly kills: ReadonlyMap<string, number>;
  /** Sessions of which some factory told that they began. */
  readonly began: readonly string[];
  /** The same of workspaces that were deleted. */
  readonly deleted: readonly string[];
}

/** Factories on one data folder, one after the other; each is to be killed at its point. */
export async function killAgainAndAgain(
  data: string,
  receiver: Receiver,
  rounds: readonly Round[],
): Promise<Survived> {
  const kills = new Map<string, number>();
  const began: string[] = [];
  const deleted: string[] = [];
  for (const [index, { point, count }] of [...rounds, { point: undefined, count: 0 }].entries()) {
    const program = fileURLToPath(new URL('doomed-factory.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [program, data, receiver.url, String(index), point ?? 'none', String(count)],
      { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 },
    );
    const [told, complaints, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (complaints !== '' || (code !== 0 && signal !== 'SIGKILL')) {
      throw new Error(`${point} ${count}: ended with ${code ?? signal}: ${complaints}`);
    }
    if (signal === 'SIGKILL') kills.set(point ?? '', (kills.get(point ?? '') ?? 0) + 1);
    began.push(...[...told.matchAll(/^began (\S+)$/gm)].map(([, id]) => id ?? ''));
    deleted.push(...[...told.matchAll(/^deleted (\S+)$/gm)].map(([, id]) => id ?? ''));
  }
  return { kills, began, deleted };
}

/** Some answers do not come, and some hooks are not taken: every 31st, and every 29th. The odd users have answers of their own. */
export function moodyAnswers(): Receiver['answer'] {
  let count = 0;
  const seen = new Set<unknown>();
  return (received, response) => {
    count += 1;
    const id = received.headers['webhook-id'];
    const isFirst = !seen.has(id);
    seen.add(id);
    const isInitialization = received.type === 'initialization';
    if (count % 31 === 0) response.destroy();
    else if (count % 29 === 0) response.writeHead(503).end();
    else if (received.user === ODD_USERS.refused && isInitialization) {
      status(count % 2 === 0 ? 403 : 410)(received, response);
    } else if (received.user === ODD_USERS.gone && !isInitialization && isFirst) {
      status(410)(received, response);
    } else if (received.user === ODD_USERS.stuck && received.type === 'session_start') {
      status(503)(received, response);
    } else if (received.user === ODD_USERS.unusable && isInitialization) {
      json({ environment: { PATH: '/tmp' } })(received, response);
    } else if (isInitialization) json({ values: { count: `${count}` } })(received, response);
    else OK(received, response);
  };
}

/** What was promised and what came, in words where they differ; each by its key, so that what came twice counts once. */
export interface Account {
  readonly expected: number;
  readonly delivered: number;
  readonly mistakes: readonly string[];
}

export function accountOf(
  received: readonly Received[],
  { began, deleted }: Pick<Survived, 'began' | 'deleted'>,
): Account {
  const mistakes: string[] = [];
  let expected = 0;
  let delivered = 0;
  const expectCount = (what: string, count: number, wanted = 1): void => {
    expected += wanted;
    delivered += Math.min(count, wanted);
    if (count !== wanted) mistakes.push(`${count} times ${what}`);
  };
  const bodies = new Map<string, string>();
  for (const { headers, body } of received) {
    const id = String(headers['webhook-id']);
    if (bodies.has(id) && bodies.get(id) !== body) mistakes.push(`${id} came with two bodies`);
    bodies.set(id, body);
    if (JSON.parse(body).delivery.id !== id) mistakes.push(`${id} is not the key of its body`);
  }
  for (const user of new Set(received.map((one) => one.user))) {
    const own = received.filter((one) => one.user === user);
    mistakes.push(...mistakesInOrder(own, user));
  }
  const told = [...bodies.values()].map((body) => hookBodySchema.parse(JSON.parse(body)));
  for (const id of began) {
    for (const type of ['first_session', 'session_start', 'session_end', 'last_session']) {
      const count = told.filter((body) => body.type === type && body.session?.id === id).length;
      expectCount(`${type} of the session ${id}`, count);
    }
  }
  const initialized = told.flatMap(({ configuration_id: id, username }) =>
    id === null ? [] : [[id, username] as const],
  );
  for (const [id, user] of new Map(initialized)) {
    for (const type of ['initialization', 'cleanup']) {
      const count = told.filter((body) => body.type === type && body.configuration_id === id).length;
      const isNever = user === ODD_USERS.refused && type === 'cleanup';
      expectCount(`${type} of the configuration ${id} of ${user}`, count, isNever ? 0 : 1);
    }
  }
  // One that was written a moment before the kill is one more than was told of.
  const deletions = told.filter(({ type }) => type === 'delete').length;
  if (deletions < deleted.length) mistakes.push(`${deletions} of ${deleted.length} deletions`);
  return {
    expected: expected + deleted.length,
    delivered: delivered + Math.min(deletions, deleted.length),
    mistakes,
  };
}

/** A factory that dies between the beginning of a configuration and that of its session leaves one without. */
const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  initialization: ['first_session', 'cleanup'],
  first_session: ['session_start'],
  session_start: ['session_end'],
  session_end: ['last_session'],
  last_session: ['cleanup'],
  cleanup: ['initialization', 'delete'],
  delete: ['initialization'],
};

/** What comes again does so before anything that follows it; and what happens in this order is told in it. */
function mistakesInOrder(received: readonly Received[], user: string): string[] {
  // Whose hooks are given up and tried again gets them late.
  if (user === ODD_USERS.gone) return [];
  const mistakes: string[] = [];
  const once = received.filter(
    ({ headers }, index) => headers['webhook-id'] !== received[index - 1]?.headers['webhook-id'],
  );
  const ids = once.map(({ headers }) => headers['webhook-id']);
  if (new Set(ids).size !== ids.length) mistakes.push(`${user}: one came again after its followers`);
  if (!PLAIN_USERS.includes(user) && user !== ODD_USERS.deleted) return mistakes;
  const types = once.map(({ type }) => type);
  for (const [index, type] of types.entries()) {
    const before = types[index - 1] ?? 'cleanup';
    const follows = FOLLOWERS[before]?.includes(type) && (type !== 'delete' || user === ODD_USERS.deleted);
    if (!follows) mistakes.push(`${user}: ${type} follows ${before}`);
  }
  return mistakes;
}

/** For the report of a test. */
export function survivedText(
  { kills, began }: Survived,
  { expected, delivered }: Account,
  received: readonly Received[],
): string {
  const sum = [...kills.values()].reduce((one, other) => one + other, 0);
  return `${delivered}/${expected} hooks of ${began.length} sessions delivered through ${sum} kills at ${kills.size} fault points, in ${received.length} calls`;
}
