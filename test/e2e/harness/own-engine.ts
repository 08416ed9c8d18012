import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { controlGroupOf } from './control-group.ts';
import {
  currentRuntime,
  type DaemonPlace,
  type DaemonSettings,
  EngineDaemon,
  engineUrl,
} from './engine-daemon.ts';
import { putDataRoot } from './engine-images.ts';
import { OwnHost } from './own-host.ts';
import { makeRunFolder } from './run-folder.ts';
import { findSetUp } from './set-up.ts';

/** Whether one can be had here: its host takes Linux and root. */
export const OWN_ENGINE_POSSIBLE = process.platform === 'linux' && process.getuid?.() === 0;

/** How long a hook may take that starts one and lets somebody move in: the first loads the images into it; ms. */
export const OWN_ENGINE_WITHIN = 12 * 60_000;

/** Programs of the tests that reach for what listens on the engine's host. */
const CLIENTS = ['ssh', 'sftp', 'curl', 'kubectl'];

/**
 * A Docker engine of the test's own, on a host of its own (`OwnHost`), to be restarted and killed. While it is there the test
 * file lives on that host: `DOCKER_HOST` is this engine, and `ssh`, `curl` and `kubectl` on `PATH` run in its network. So does
 * a factory that is started with `node`.
 */
export class OwnEngine implements AsyncDisposable {
  readonly #folder: string;
  readonly #place: DaemonPlace;
  readonly #environment = { DOCKER_HOST: process.env.DOCKER_HOST, PATH: process.env.PATH };
  #host: OwnHost;
  #daemon: EngineDaemon | undefined;
  #earlierLogs = '';

  private constructor(folder: string, place: DaemonPlace, host: OwnHost) {
    this.#folder = folder;
    this.#place = place;
    this.#host = host;
  }

  static async start(settings: DaemonSettings = {}): Promise<OwnEngine> {
    const folder = await makeRunFolder();
    const place = {
      dataRoot: join(folder, 'data'),
      run: join(folder, 'run'),
      runtime: await currentRuntime(),
    };
    await putDataRoot(place);
    const engine = new OwnEngine(folder, place, await OwnHost.start(controlGroupOf(folder)));
    try {
      await engine.#takeOver();
      await engine.startDaemon(settings);
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** For `Factory.start`: a Node that runs on the engine's host. */
  get node(): string {
    return join(this.#bin, 'node');
  }

  /** The logs of all its runs. */
  get log(): string {
    return this.#earlierLogs + (this.#daemon?.log ?? '');
  }

  /** Resolves when it answers. */
  async startDaemon(settings: DaemonSettings = {}): Promise<void> {
    this.#daemon = await EngineDaemon.start(this.#host, this.#place, settings);
  }

  /** SIGTERM, as a service manager sends it; resolves when it has ended. */
  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemonEnded();
  }

  /** kill -9, of its containerd, too. What runs in containers is left alone. */
  async killDaemon(): Promise<void> {
    await this.#daemon?.kill();
    this.#daemonEnded();
  }

  /**
   * The power goes and comes back: every process of the host dies at once, those in containers too; then there is a host
   * without a bridge, a mount or a socket. Nothing is started on it.
   */
  async reboot(): Promise<void> {
    await this.#host.powerCut();
    await this.#daemon?.ended();
    this.#daemonEnded();
    await rm(this.#place.run, { recursive: true, force: true });
    this.#host = await OwnHost.start(controlGroupOf(this.#folder));
    await this.#nameNetwork();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [name, value] of Object.entries(this.#environment)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await this.#host[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #bin(): string {
    return join(this.#folder, 'bin');
  }

  /** A link to the host's network, which is another after a reboot. */
  get #network(): string {
    return join(this.#folder, 'network');
  }

  #daemonEnded(): void {
    this.#earlierLogs = `${this.log}\n--- the engine has ended ---\n`;
    this.#daemon = undefined;
  }

  async #takeOver(): Promise<void> {
    await this.#nameNetwork();
    await mkdir(this.#bin);
    const { k3d } = await findSetUp();
    const path = [process.env.PATH, dirname(k3d)].join(delimiter);
    for (const client of CLIENTS) await this.#putClient(client, `"$(PATH='${path}' command -v ${client})"`);
    await this.#putClient('node', `'${process.execPath}'`);
    process.env.PATH = `${this.#bin}${delimiter}${process.env.PATH ?? ''}`;
    process.env.DOCKER_HOST = engineUrl(this.#place);
  }

  async #putClient(name: string, program: string): Promise<void> {
    const script = join(this.#bin, name);
    await writeFile(script, `#!/bin/sh\nexec nsenter --net='${this.#network}' -- ${program} "$@"\n`);
    await chmod(script, 0o755);
  }

  async #nameNetwork(): Promise<void> {
    await rm(this.#network, { force: true });
    await symlink(this.#host.network, this.#network);
  }
}
