import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { LABEL } from '../../../src/names/docker-names.ts';
import { docker } from './docker.ts';
import { eventually, PATIENCE } from './eventually.ts';

const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
  timeNano: z.number(),
});

export interface DockerEvent {
  /** ms since the epoch, with fractions; the engine's clock, which on one host is ours. */
  readonly at: number;
  readonly type: string;
  /** "pause", "start", "exec_create"; what Docker adds after a colon is cut off. */
  readonly action: string;
  /** Container, network or volume name. */
  readonly name: string;
  /** The labels `ssh-lab-factory.*`, undefined on objects of others. */
  readonly instance: string | undefined;
  readonly user: string | undefined;
  readonly lab: string | undefined;
  readonly role: string | undefined;
}

/**
 * Writes down what the Docker engine says it does, with its time stamps. It is the witness for "not before": a look at
 * the containers every now and then could miss a pause, the engine's own record cannot.
 */
export class EventRecorder implements AsyncDisposable {
  readonly #events: DockerEvent[] = [];
  readonly #program: ChildProcess;
  readonly #closed: Promise<void>;

  private constructor() {
    const program = spawn('docker', ['events', '--format', '{{json .}}'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: program.stdout }).on('line', (line) => this.#record(line));
    this.#closed = new Promise((resolve) => program.once('close', () => resolve()));
    this.#program = program;
  }

  static async start(): Promise<EventRecorder> {
    const recorder = new EventRecorder();
    await recorder.settled();
    return recorder;
  }

  /** Resolves when everything that happened before this call is written down. */
  async settled(): Promise<void> {
    const marker = `ssh-lab-factory-e2e-marker-${randomBytes(4).toString('hex')}`;
    // Docker says nothing of what happened before it began to listen, so the mark is made again until it is seen.
    await eventually(
      async () => {
        await docker(['volume', 'create', marker]);
        await docker(['volume', 'rm', marker]);
        return this.#events.some((event) => event.name === marker);
      },
      { what: 'the event recorder sees a mark', every: 50 },
    );
  }

  /** What happened to a factory's objects, oldest first. Call `settled` first where something must not be there. */
  of(instance: string, filter: Partial<DockerEvent> = {}): readonly DockerEvent[] {
    return this.#events.filter((event) => event.instance === instance && matches(event, filter));
  }

  /** The first matching event at or after `since` (ms since the epoch); waits for it. */
  async next(
    instance: string,
    filter: Partial<DockerEvent>,
    since: number,
    within = PATIENCE,
  ): Promise<DockerEvent> {
    return eventually(() => this.of(instance, filter).find((event) => event.at >= since), {
      what: `Docker event ${JSON.stringify(filter)}`,
      within,
      every: 50,
    });
  }

  /** Resolves after `duration` ms in which no such event came since `since`; rejects as soon as one comes. */
  async none(instance: string, filter: Partial<DockerEvent>, since: number, duration: number): Promise<void> {
    const end = Date.now() + duration;
    const seen = () => this.of(instance, filter).find((event) => event.at >= since);
    const outcome = await eventually(() => seen() ?? (Date.now() > end && ('none' as const)), {
      what: 'the quiet time is over',
      within: duration + 1_000,
      every: 50,
    });
    if (outcome !== 'none') throw new Error(`unwanted Docker event: ${JSON.stringify(outcome)}`);
    await this.settled();
    const late = seen();
    if (late !== undefined) throw new Error(`unwanted Docker event: ${JSON.stringify(late)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.kill();
    await this.#closed;
  }

  #record(line: string): void {
    const event = eventSchema.parse(JSON.parse(line));
    const labels = event.Actor.Attributes ?? {};
    this.#events.push({
      at: event.timeNano / 1e6,
      type: event.Type,
      action: event.Action.split(':', 1)[0] ?? '',
      name: labels.name ?? event.Actor.ID,
      instance: labels[LABEL.instance],
      user: labels[LABEL.user],
      lab: labels[LABEL.lab],
      role: labels[LABEL.role],
    });
  }
}

function matches(event: DockerEvent, filter: Partial<DockerEvent>): boolean {
  return Object.entries(filter).every(([key, value]) =>
    Object.entries(event).some(([k, v]) => k === key && v === value),
  );
}
