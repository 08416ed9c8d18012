import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LiveProgram } from './live-program.ts';
import { processIdentity } from './run-folder.ts';
import { PROGRAM } from './set-up.ts';

/** Where the gateway of such a factory would look for Docker: nobody is there. */
export const NO_DOCKER = 'unix:///nowhere/docker.sock';

/** The process with the Docker socket of a factory that is split in two, on the files in the factory's folder. */
export class ClusterService implements AsyncDisposable {
  readonly #folder: string;
  #program: LiveProgram;
  #earlierLogs = '';

  private constructor(folder: string, program: LiveProgram) {
    this.#folder = folder;
    this.#program = program;
  }

  static async start(folder: string): Promise<ClusterService> {
    return new ClusterService(folder, await spawn(folder));
  }

  /** The logs of all its runs. */
  get log(): string {
    return this.#earlierLogs + this.#program.output;
  }

  async kill(): Promise<void> {
    this.#program.signal('SIGKILL');
    await this.#program.ended();
  }

  async startAgain(): Promise<void> {
    this.#earlierLogs = `${this.log}\n--- started again ---\n`;
    this.#program = await spawn(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.signal('SIGTERM');
    await this.#program.ended().catch(() => this.kill());
  }
}

async function spawn(folder: string): Promise<LiveProgram> {
  const program = new LiveProgram(
    process.execPath,
    [PROGRAM, 'serve', '--roles', 'clusters', '--config', 'factory.yaml'],
    { cwd: folder, env: { FACTORY_SETUP: join(folder, 'setup.json') } },
  );
  await writeFile(join(folder, 'clusters.pid'), (await processIdentity(program.pid)) ?? '');
  await program.shows('The cluster service listens');
  return program;
}
