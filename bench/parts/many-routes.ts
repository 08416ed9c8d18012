import { watch } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLabName } from '../../src/names/lab-name.ts';
import { parseUsername } from '../../src/names/username.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { traefikName } from '../../src/routing/traefik-options.ts';
import { docker } from '../../test/e2e/harness/docker.ts';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import { makeRunFolder } from '../../test/e2e/harness/run-folder.ts';
import { sweepFolder } from '../../test/e2e/harness/sweeper.ts';
import { answerByHttp } from '../../test/routing/answering-node.ts';
import { type EdgeUnderTest, startEdge } from '../../test/routing/edge-under-test.ts';
import type { RecordingBackend } from '../../test/routing/recording-backend.ts';
import { recordingBackends } from '../../test/routing/recording-backends.ts';
import { cpuTicks, TICK } from './factory-load.ts';

const FILE = 'routes.yml';
/** ms */
const LIMIT = 60_000;
/** How often a changed route is asked; ms. */
const ASK_EVERY = 5;

/** How long a change took; ms. */
export interface Progress {
  /** From the order until the file is there. */
  readonly written: number;
  /** From then until a request goes the new way. */
  readonly effect: number;
}

/** Time of a core; ms. */
export interface CpuTime {
  readonly factory: number;
  readonly traefik: number;
}

/** The factory's own routes and their Traefik, without workspaces: all hosts lead to one small backend or another. */
export class ManyRoutes implements AsyncDisposable {
  readonly #edge: EdgeUnderTest;
  readonly #backends: readonly RecordingBackend[];
  readonly #run: string;
  /** How often each host was turned over. */
  readonly #turns = new Map<number, number>();

  private constructor(edge: EdgeUnderTest, backends: readonly RecordingBackend[], run: string) {
    this.#edge = edge;
    this.#backends = backends;
    this.#run = run;
  }

  static async start(): Promise<ManyRoutes> {
    const run = await makeRunFolder();
    const edge = await startEdge(({ user }) => `${user}.lab.test`, AbortSignal.timeout(LIMIT));
    // So that the next run removes the Traefik of this one, if it is killed.
    await mkdir(join(run, 'data'));
    await writeFile(join(run, 'data', 'instance-id'), edge.instance);
    return new ManyRoutes(edge, await recordingBackends(2), run);
  }

  /** Turns the first so many hosts over to another backend at once, and has them if they were not there; resolves when it is known of all. */
  async turnOver(hosts: number): Promise<void> {
    await Promise.all(Array.from({ length: hosts }, (_, index) => this.#turnOver(index)));
  }

  async fileBytes(): Promise<number> {
    return (await stat(join(this.#edge.folder, FILE))).size;
  }

  /** Turns one host over, and asks for it all the time. */
  async watchChange(): Promise<Progress> {
    const written = Promise.withResolvers<number>();
    const watcher = watch(this.#edge.folder, (_event, name) => {
      if (name === FILE) written.resolve(performance.now());
    });
    watcher.on('error', written.reject);
    try {
      const began = performance.now();
      const known = this.#turnOver(0);
      const effect = this.#untilAnswers(nameOf(0), this.#backend(0).nonce);
      const [writtenAt, effectAt] = await Promise.all([written.promise, effect, known]);
      return { written: writtenAt - began, effect: effectAt - writtenAt };
    } finally {
      watcher.close();
    }
  }

  /** Time of a core that each of so many changes takes, one after the other; ms. This process stands for the factory. */
  async cpu(changes: number): Promise<CpuTime> {
    const [own, traefik] = [process.cpuUsage(), await this.#traefikTicks()];
    for (let done = 0; done < changes; done += 1) await this.#turnOver(0);
    const { user, system } = process.cpuUsage(own);
    const ticks = (await this.#traefikTicks()) - traefik;
    return { factory: (user + system) / 1_000 / changes, traefik: (ticks * TICK) / changes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#edge.close();
    await Promise.all(this.#backends.map((backend) => backend.close()));
    await sweepFolder(this.#run);
  }

  async #turnOver(index: number): Promise<void> {
    this.#turns.set(index, (this.#turns.get(index) ?? 0) + 1);
    const ingress = this.#backend(index).address;
    const addresses = { ingress, api: { host: ingress, port: 6443 } };
    await this.#edge.routes.set(keyOf(index), { kind: 'awake', addresses }, AbortSignal.timeout(LIMIT));
  }

  #backend(index: number): RecordingBackend {
    const backend = this.#backends[(this.#turns.get(index) ?? 0) % this.#backends.length];
    if (backend === undefined) throw new Error('there are no backends');
    return backend;
  }

  async #untilAnswers(name: string, body: string): Promise<number> {
    const asked = async () => (await answerByHttp('127.0.0.1', this.#edge.ports.http, name)) === body;
    await eventually(asked, { what: `${name} goes the new way`, within: LIMIT, every: ASK_EVERY });
    return performance.now();
  }

  async #traefikTicks(): Promise<number> {
    const name = traefikName(this.#edge.instance);
    const pid = (await docker(['inspect', '--format', '{{.State.Pid}}', name])).trim();
    return cpuTicks(await readFile(`/proc/${pid}/stat`, 'utf8'));
  }
}

function nameOf(index: number): string {
  return `student${index}.lab.test`;
}

function keyOf(index: number): WorkspaceKey {
  const [user, lab] = [parseUsername(`student${index}`), parseLabName('k3s')];
  if (user === undefined || lab === undefined) throw new Error(`no name: ${index}`);
  return { user, lab };
}
