import { randomBytes } from 'node:crypto';
import { docker } from '../../test/e2e/harness/docker.ts';
import { LAB_IMAGE } from '../../test/e2e/harness/set-up.ts';
import { bareName } from './bare-names.ts';

/** A container of the lab's image as `docker run` makes it. Disposing it removes it. */
export class BareContainer implements AsyncDisposable {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  static async run(): Promise<BareContainer> {
    const name = bareName(randomBytes(3).toString('hex'), process.pid);
    await docker(['run', '--detach', '--init', '--name', name, LAB_IMAGE, 'sleep', 'infinity']);
    return new BareContainer(name);
  }

  async exec(command: string): Promise<void> {
    await docker(['exec', this.#name, command]);
  }

  async pause(): Promise<void> {
    await docker(['pause', this.#name]);
  }

  async unpause(): Promise<void> {
    await docker(['unpause', this.#name]);
  }

  async stop(): Promise<void> {
    await docker(['stop', '--time', '0', this.#name]);
  }

  async start(): Promise<void> {
    await docker(['start', this.#name]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.#name]);
  }
}
