import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from './eventually.ts';
import type { FactoryOptions } from './factory-options.ts';
import { type Exit, LiveProgram } from './live-program.ts';
import { asOtherUser } from './other-user.ts';
import { processIdentity } from './run-folder.ts';
import { PROGRAM } from './set-up.ts';

const listener = z.object({ host: z.string(), port: z.number().int().positive() });

const readySchema = z.object({
  ssh: listener,
  web: z.object({ url: z.url() }),
  routes: z.object({ http: listener, https: listener, kube: listener }),
  containerssh: listener.optional(),
});

/** The ready file: where a factory listens. */
export type Endpoints = z.infer<typeof readySchema>;

/** One run of `factory serve` on the files in `folder`. */
export class FactoryProcess {
  readonly #program: LiveProgram;

  private constructor(program: LiveProgram) {
    this.#program = program;
  }

  static async spawn(
    folder: string,
    {
      env = {},
      program: main = PROGRAM,
      node = process.execPath,
      split = false,
      twoUsers = false,
    }: FactoryOptions,
  ): Promise<FactoryProcess> {
    await rm(readyFile(folder), { force: true });
    const words = [
      ...[main, 'serve', '--config', 'factory.yaml', '--ready-file', readyFile(folder)],
      ...(split ? ['--roles', 'gateway'] : []),
    ];
    const [file, ...args] = twoUsers ? asOtherUser(node, words) : [node, ...words];
    const program = new LiveProgram(file, args, {
      cwd: folder,
      env: { FACTORY_SETUP: join(folder, 'setup.json'), ...env },
    });
    await writeFile(join(folder, 'factory.pid'), (await processIdentity(program.pid)) ?? '');
    return new FactoryProcess(program);
  }

  /** Everything it wrote, both outputs. */
  get log(): string {
    return this.#program.output;
  }

  get pid(): number {
    return this.#program.pid;
  }

  get running(): boolean {
    return this.#program.exit === undefined;
  }

  async ready(folder: string): Promise<Endpoints> {
    const outcome = await eventually(
      async () => {
        if (!this.running) return 'ended' as const;
        return readySchema.parse(JSON.parse(await readFile(readyFile(folder), 'utf8')));
      },
      { what: 'the factory is ready', every: 50 },
    ).catch((error: unknown) => {
      throw new Error(`the factory did not become ready; its log:\n${this.log}`, { cause: error });
    });
    if (outcome === 'ended') throw new Error(`the factory ended at once; its log:\n${this.log}`);
    return outcome;
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  async ended(within?: number): Promise<Exit> {
    return this.#program.ended(within);
  }
}

function readyFile(folder: string): string {
  return join(folder, 'ready.json');
}
