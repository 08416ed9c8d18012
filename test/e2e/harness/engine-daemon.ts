import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { docker } from './docker.ts';
import { eventually } from './eventually.ts';
import type { LiveProgram } from './live-program.ts';
import type { OwnHost } from './own-host.ts';

export interface DaemonPlace {
  /** What outlasts a reboot: images, containers, volumes. */
  readonly dataRoot: string;
  /** What does not: sockets, pid files, mounts. */
  readonly run: string;
  readonly runtime: RuntimeSettings;
}

export interface DaemonSettings {
  /** Whether containers outlive the engine; Docker's default is no. */
  readonly liveRestore?: boolean;
}

/** Keys of daemon.json that say how containers are run. */
export interface RuntimeSettings {
  readonly runtimes?: Readonly<Record<string, { readonly path: string }>>;
  readonly 'default-runtime'?: string;
}

const infoSchema = z.object({
  DefaultRuntime: z.string(),
  Runtimes: z.record(z.string(), z.looseObject({ path: z.string().default('') })),
});

/** As the engine has it that `docker` speaks to: what this machine needs, another engine on it needs, too. */
export async function currentRuntime(): Promise<RuntimeSettings> {
  const info = infoSchema.parse(JSON.parse(await docker(['info', '--format', '{{json .}}'])));
  const { DefaultRuntime: name, Runtimes } = info;
  const path = Runtimes[name]?.path ?? '';
  return name === 'runc' || path === '' ? {} : { runtimes: { [name]: { path } }, 'default-runtime': name };
}

/** One `dockerd`, which brings a containerd of its own; from its start to its end. */
export class EngineDaemon {
  readonly #host: OwnHost;
  readonly #place: DaemonPlace;
  readonly #program: LiveProgram;

  private constructor(host: OwnHost, place: DaemonPlace, program: LiveProgram) {
    this.#host = host;
    this.#place = place;
    this.#program = program;
  }

  /** Resolves when it answers. */
  static async start(
    host: OwnHost,
    place: DaemonPlace,
    settings: DaemonSettings = {},
  ): Promise<EngineDaemon> {
    await mkdir(place.run, { recursive: true });
    const file = join(place.run, 'daemon.json');
    await writeFile(file, JSON.stringify(configuration(host, place, settings)));
    const daemon = new EngineDaemon(host, place, host.run('dockerd', ['--config-file', file]));
    await daemon.#answers();
    return daemon;
  }

  /** What it has written to its log. */
  get log(): string {
    return this.#program.output;
  }

  /** SIGTERM, as a service manager sends it; resolves when it has ended, which takes as long as its containers do. */
  async stop(): Promise<void> {
    await this.#signal('SIGTERM', ['docker.pid']);
  }

  /** kill -9, its containerd first. What runs in containers is left alone. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL', [join('exec', 'containerd', 'containerd.pid'), 'docker.pid']);
  }

  async ended(): Promise<void> {
    await this.#program.ended(180_000);
  }

  async #answers(): Promise<void> {
    const program = this.#program;
    const outcome = await eventually(
      async () => {
        if (program.exit !== undefined) return 'ended' as const;
        await docker(['--host', engineUrl(this.#place), 'version'], { timeout: 20_000 });
        return 'answers' as const;
      },
      { what: 'the engine answers', within: 120_000, every: 50 },
    ).catch(() => 'silent' as const);
    if (outcome !== 'answers') throw new Error(`the engine does not answer (${outcome}):\n${program.output}`);
  }

  async #signal(signal: NodeJS.Signals, pidFiles: readonly string[]): Promise<void> {
    const pids = pidFiles.map((file) => readFile(join(this.#place.run, file), 'utf8'));
    await this.#host.signal(signal, ...(await Promise.all(pids)).map((pid) => pid.trim()));
    await this.ended();
  }
}

export function engineUrl({ run }: DaemonPlace): string {
  return `unix://${join(run, 'docker.sock')}`;
}

function configuration(host: OwnHost, place: DaemonPlace, { liveRestore = false }: DaemonSettings): object {
  const { dataRoot, run, runtime } = place;
  return {
    'data-root': dataRoot,
    'exec-root': join(run, 'exec'),
    pidfile: join(run, 'docker.pid'),
    hosts: [engineUrl(place)],
    'cgroup-parent': `/${host.controlGroup}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'live-restore': liveRestore,
    ...runtime,
  };
}
