import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { hookBodySchema } from '../messages/hook-body.ts';
import { json, OK, type Received, type Receiver } from './receiver.ts';

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
}

/** Factories on one data folder, one after the other; each is to be killed at its point. */
export async function killAgainAndAgain(
  data: string,
  receiver: Receiver,
  rounds: readonly Round[],
): Promise<Survived> {
  const kills = new Map<string, number>();
  const began: string[] = [];
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
  }
  return { kills, began };
}

/** Some answers do not come, and some hooks are not taken: every 29th, and every 31st. */
export function moodyAnswers(): Receiver['answer'] {
  let count = 0;
  return (received, response) => {
    count += 1;
    if (count % 31 === 0) response.destroy();
    else if (count % 29 === 0) response.writeHead(503).end();
    else if (received.type === 'initialization') json({ values: { count: `${count}` } })(received, response);
    else OK(received, response);
  };
}

/** What is wrong with what a receiver got, in words; nothing is, where it is empty. */
export function mistakesIn(received: readonly Received[], began: readonly string[]): string[] {
  const mistakes: string[] = [];
  const bodies = new Map<string, string>();
  for (const { headers, body } of received) {
    const id = String(headers['webhook-id']);
    if (bodies.has(id) && bodies.get(id) !== body) mistakes.push(`${id} came with two bodies`);
    bodies.set(id, body);
    if (JSON.parse(body).delivery.id !== id) mistakes.push(`${id} is not the key of its body`);
  }
  for (const user of new Set(received.map((one) => one.user))) {
    mistakes.push(
      ...mistakesInOrder(
        received.filter((one) => one.user === user),
        user,
      ),
    );
  }
  const told = [...bodies.values()].map((body) => hookBodySchema.parse(JSON.parse(body)));
  for (const id of began) {
    for (const type of ['first_session', 'session_start', 'session_end', 'last_session']) {
      const count = told.filter((body) => body.type === type && body.session?.id === id).length;
      if (count !== 1) mistakes.push(`${count} times ${type} of the session ${id}`);
    }
  }
  const configurations = new Set(told.flatMap(({ configuration_id: id }) => id ?? []));
  for (const id of configurations) {
    for (const type of ['initialization', 'cleanup']) {
      const count = told.filter((body) => body.type === type && body.configuration_id === id).length;
      if (count !== 1) mistakes.push(`${count} times ${type} of the configuration ${id}`);
    }
  }
  return mistakes;
}

/** A factory that dies between the beginning of a configuration and that of its session leaves one without. */
const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  initialization: ['first_session', 'cleanup'],
  first_session: ['session_start'],
  session_start: ['session_end'],
  session_end: ['last_session'],
  last_session: ['cleanup'],
  cleanup: ['initialization'],
};

/** What comes again does so before anything that follows it; and what happens in this order is told in it. */
function mistakesInOrder(received: readonly Received[], user: string): string[] {
  const mistakes: string[] = [];
  const once = received.filter(
    ({ headers }, index) => headers['webhook-id'] !== received[index - 1]?.headers['webhook-id'],
  );
  const ids = once.map(({ headers }) => headers['webhook-id']);
  if (new Set(ids).size !== ids.length) mistakes.push(`${user}: one came again after its followers`);
  const types = once.map(({ type }) => type);
  for (const [index, type] of types.entries()) {
    const before = types[index - 1] ?? 'cleanup';
    if (!FOLLOWERS[before]?.includes(type)) mistakes.push(`${user}: ${type} follows ${before}`);
  }
  return mistakes;
}

/** For the report of a test. */
export function survivedText({ kills, began }: Survived, received: readonly Received[]): string {
  const hooks = new Set(received.map(({ headers }) => headers['webhook-id'])).size;
  const sum = [...kills.values()].reduce((one, other) => one + other, 0);
  return `${sum} kills; ${hooks} hooks of ${began.length} sessions, each delivered, in ${received.length} calls`;
}
