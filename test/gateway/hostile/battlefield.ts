import { type ChildProcess, type ChildProcessWithoutNullStreams, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { comeIn } from '../come-in.ts';
import type { Order, Report, Started } from './gateway-process.ts';

/** How long a client of a hostile server may take until it has its sentence; ms. */
const LONGEST_CLIENT = 60_000;

export interface Command {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The longest that an echo took in the bystander's session meanwhile; ms. */
  readonly slowestEcho: number;
  /** How often the bystander had an echo meanwhile. */
  readonly echoes: number;
}

export interface Outcome extends Command {
  readonly report: Report;
}

/** A gateway and a hostile SSH server, each a process of its own, and a bystander with a session in an honest container. */
export class Battlefield implements AsyncDisposable {
  readonly #gateway: ChildProcess;
  readonly #server: ChildProcess;
  readonly #started: Started;
  readonly #socket: string;
  readonly #bystander: Bystander;

  private constructor(
    gateway: ChildProcess,
    server: ChildProcess,
    started: Started,
    socket: string,
    bystander: Bystander,
  ) {
    this.#gateway = gateway;
    this.#server = server;
    this.#started = started;
    this.#socket = socket;
    this.#bystander = bystander;
  }

  static async start(): Promise<Battlefield> {
    const gateway = fork(join(import.meta.dirname, 'gateway-process.ts'), {
      execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    });
    const [started]: Started[] = await once(gateway, 'message');
    if (started === undefined) throw new Error('the gateway did not start');
    const socket = join(started.folder, 'hostile.sock');
    const server = fork(join(import.meta.dirname, 'server-process.ts'), [
      socket,
      join(started.folder, 'inner_host_key'),
    ]);
    await once(server, 'message');
    return new Battlefield(gateway, server, started, socket, await Bystander.comeIn(started));
  }

  /** `ssh host command` into a container with this server. */
  async attack(name: string, command = 'true'): Promise<Outcome> {
    await ask(this.#server, name);
    await this.#order({ do: 'fall for', socket: this.#socket });
    await this.#order({ do: 'begin' });
    const outcome = await this.#run(command);
    return { ...outcome, report: await this.report() };
  }

  /** The same command in an honest container: what a client gets whose neighbours do as they like. */
  async honest(command: string): Promise<Command> {
    await this.#order({ do: 'fall for', socket: undefined });
    return await this.#run(command);
  }

  async #run(command: string): Promise<Command> {
    const client = spawn('ssh', [...clientOptions(this.#started), command], { timeout: LONGEST_CLIENT });
    client.stdin.end();
    const texts = Promise.all([textOf(client.stdout), textOf(client.stderr)]);
    const over = new AbortController();
    const watching = this.#bystander.watch(over.signal);
    const [exitCode]: (number | null)[] = await once(client, 'close');
    over.abort();
    const [stdout, stderr] = await texts;
    return { exitCode: exitCode ?? null, stdout, stderr, ...(await watching) };
  }

  async report(): Promise<Report> {
    return (await this.#order({ do: 'report' })) as Report;
  }

  async #order(order: Order): Promise<unknown> {
    return await ask(this.#gateway, order);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bystander.end();
    for (const child of [this.#server, this.#gateway]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    }
  }
}

/** Someone who types into their own session and waits for each echo. */
class Bystander {
  readonly #session: ChildProcessWithoutNullStreams;
  readonly #over = new AbortController();

  constructor(session: ChildProcessWithoutNullStreams) {
    this.#session = session;
    session.stdin.on('error', () => {});
    session.once('close', () => this.#over.abort(new Error('the bystander has lost his session')));
  }

  static comeIn(started: Started): Promise<Bystander> {
    const come = () => new Bystander(spawn('ssh', [...clientOptions(started), 'cat']));
    return comeIn(come, (bystander) => bystander.echo());
  }

  /** ms. */
  async echo(): Promise<number> {
    const typed = performance.now();
    const signal = AbortSignal.any([AbortSignal.timeout(LONGEST_CLIENT), this.#over.signal]);
    this.#session.stdin.write('x');
    const [heard] = await once(this.#session.stdout, 'data', { signal });
    if (String(heard) !== 'x') throw new Error(`the bystander heard ${String(heard).slice(0, 100)}`);
    return performance.now() - typed;
  }

  async watch(until: AbortSignal): Promise<{ readonly slowestEcho: number; readonly echoes: number }> {
    let slowestEcho = 0;
    let echoes = 0;
    do {
      slowestEcho = Math.max(slowestEcho, await this.echo());
      echoes += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    } while (!until.aborted);
    return { slowestEcho: Math.round(slowestEcho), echoes };
  }

  end(): void {
    this.#session.kill();
  }
}

/** Fails when the process has ended, as the gateway must not. */
async function ask(child: ChildProcess, order: string | Order): Promise<unknown> {
  const over = new AbortController();
  const ended = (): void => over.abort(new Error('the process has ended'));
  child.once('exit', ended);
  try {
    child.send(order);
    const [answer]: unknown[] = await once(child, 'message', { signal: over.signal });
    return answer;
  } finally {
    child.off('exit', ended);
  }
}

function clientOptions({ folder, port }: Started): string[] {
  const settings = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
  ];
  const options = settings.flatMap((setting) => ['-o', setting]);
  return ['-F', 'none', ...options, '-i', join(folder, 'id'), '-p', port, 'alice@127.0.0.1'];
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  // Of a flood that gets through the end is looked at.
  for await (const chunk of stream) text = (text + String(chunk)).slice(-10_000);
  return text;
}
