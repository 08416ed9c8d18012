import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { LABEL } from '../../../src/names/docker-names.ts';
import { type Container, containersWith } from './docker.ts';
import { PATIENCE } from './eventually.ts';
import type { CommandOutcome } from './factory-command.ts';
import { LiveProgram } from './live-program.ts';
import { makeRunFolder } from './run-folder.ts';
import { findSetUp, PROGRAM } from './set-up.ts';
import { sweepFolder } from './sweeper.ts';
import { Terminal } from './terminal.ts';

/** ms */
const LONGEST = 180_000;

/** A person who tries labs on this machine, with a state folder of their own. Disposing removes all that they made. */
export class Trying implements AsyncDisposable {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string) {
    this.folder = folder;
    this.#env = { XDG_STATE_HOME: join(folder, 'state'), FACTORY_SETUP: join(folder, 'setup.json') };
  }

  static async create(): Promise<Trying> {
    const folder = await makeRunFolder();
    const trying = new Trying(folder);
    await writeFile(join(folder, 'setup.json'), JSON.stringify(await findSetUp()));
    // Where the sweeper looks for the instance of a run.
    await symlink(join(trying.root, 'data'), join(folder, 'data'));
    return trying;
  }

  /** All that `factory try` keeps. */
  get root(): string {
    return join(this.folder, 'state', 'ssh-lab-factory', 'try');
  }

  async instance(): Promise<string> {
    return (await readFile(join(this.root, 'data', 'instance-id'), 'utf8')).trim();
  }

  /** Their lab containers and nodes, whatever their state. */
  async containers(role: 'container' | 'node' | 'traefik'): Promise<readonly Container[]> {
    return containersWith(`${LABEL.instance}=${await this.instance()}`, `${LABEL.role}=${role}`);
  }

  /** `factory try …` in a window of their own. */
  open(...args: readonly string[]): Terminal {
    return new Terminal([process.execPath, PROGRAM, 'try', ...args], this.#env);
  }

  /** The same without a terminal. */
  start(...args: readonly string[]): LiveProgram {
    return new LiveProgram(process.execPath, [PROGRAM, 'try', ...args], { env: this.#env });
  }

  /** The same, to its end. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandOutcome> {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [PROGRAM, 'try', ...args], {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      stdin: 'ignore',
      reject: false,
      timeout: LONGEST,
    });
    return { code: exitCode, stdout: stdout ?? '', stderr: stderr ?? '' };
  }

  /** A bare Git repository with these files; its URL. */
  async repository(files: Readonly<Record<string, string>>): Promise<string> {
    const work = join(this.folder, 'work');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(work, path, '..'), { recursive: true });
      await writeFile(join(work, path), text);
    }
    const git = (...args: readonly string[]) => execa('git', ['-C', work, ...args], { timeout: PATIENCE });
    await git('init', '--quiet');
    await git('add', '.');
    await git('-c', 'user.name=t', '-c', 'user.email=t@lab.test', 'commit', '--quiet', '--message', 'labs');
    const bare = join(this.folder, 'class.git');
    await git('clone', '--quiet', '--bare', work, bare);
    return `file://${bare}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sweepFolder(this.folder);
  }
}
