import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { ClusterService } from './cluster-service.ts';
import { eventually, PATIENCE } from './eventually.ts';
import { writeFactoryFiles } from './factory-files.ts';
import type { FactoryOptions } from './factory-options.ts';
import { type Endpoints, FactoryProcess } from './factory-process.ts';
import type { Exit } from './live-program.ts';
import { makeRunFolder } from './run-folder.ts';
import { Student } from './student.ts';
import { sweepFolder } from './sweeper.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What else went wrong around a test that failed. */
    lately?: readonly string[];
  }
}

/** How long an orderly end may take: sessions are told. */
const STOP_WITHIN = 120_000;

/**
 * A factory as a black box: the built program with a configuration, data and labs in a temporary folder. Disposing it
 * ends it and removes all that it made.
 */
export class Factory implements AsyncDisposable {
  readonly folder: string;
  readonly domain: string;
  readonly #options: FactoryOptions;
  readonly #students = new Map<string, Student>();
  readonly #service: ClusterService | undefined;
  #process: FactoryProcess;
  #endpoints: Endpoints;
  #earlierLogs = '';

  private constructor(
    folder: string,
    options: FactoryOptions,
    process: FactoryProcess,
    endpoints: Endpoints,
    service: ClusterService | undefined,
  ) {
    this.folder = folder;
    this.domain = options.domain ?? 'lab.test';
    this.#options = options;
    this.#process = process;
    this.#endpoints = endpoints;
    this.#service = service;
  }

  static async start(options: FactoryOptions = {}): Promise<Factory> {
    const folder = await makeRunFolder();
    await writeFactoryFiles(folder, options);
    const service = options.split === true ? await ClusterService.start(folder) : undefined;
    const process = await FactoryProcess.spawn(folder, options);
    try {
      const endpoints = await process.ready(folder);
      return new Factory(folder, options, process, endpoints, service);
    } catch (error) {
      process.signal('SIGKILL');
      await process.ended();
      await service?.[Symbol.asyncDispose]();
      await sweepFolder(folder);
      throw error;
    }
  }

  get endpoints(): Endpoints {
    return this.#endpoints;
  }

  /** The process with the Docker socket, of one that is split. */
  get service(): ClusterService {
    if (this.#service === undefined) throw new Error('this factory is one process');
    return this.#service;
  }

  /** The logs of all its runs. */
  get log(): string {
    return this.#earlierLogs + this.#process.log;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** Resolves when its log holds this text. */
  async logs(text: string, within = PATIENCE): Promise<void> {
    await eventually(() => this.log.includes(text), {
      what: `the factory logs ${JSON.stringify(text)}`,
      within,
    });
  }

  /** Of the process that has the Docker socket. */
  get #dataFolder(): string {
    return this.#service === undefined ? 'data' : 'data-clusters';
  }

  async instance(): Promise<string> {
    return (await readFile(join(this.folder, this.#dataFolder, 'instance-id'), 'utf8')).trim();
  }

  /** A student whose key the key files list (`listed: false`: whose key no source knows yet). */
  async student(name: string, { listed = true } = {}): Promise<Student> {
    const known = this.#students.get(name);
    if (known !== undefined) return known;
    const student = await Student.create(name, join(this.folder, 'home', name), () => this.#endpoints.ssh);
    if (listed) await this.listKeys(name, [student.publicKey]);
    this.#students.set(name, student);
    return student;
  }

  async listKeys(user: string, keys: readonly string[]): Promise<void> {
    await writeFile(join(this.folder, 'keys', `${user}.keys`), keys.map((key) => `${key}\n`).join(''));
  }

  /** Asks it to end, by SIGTERM unless said otherwise; resolves when it has. */
  async stop(): Promise<Exit> {
    this.#process.signal('SIGTERM');
    return this.#process.ended(STOP_WITHIN);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  async ended(within?: number): Promise<Exit> {
    return this.#process.ended(within);
  }

  /** Kills it with SIGKILL, as a power cut would. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended();
  }

  /** Starts it again on the same data after `stop` or `kill`, always with this build. */
  async startAgain(): Promise<void> {
    this.#earlierLogs = `${this.log}\n--- started again ---\n`;
    const { program: _, ...options } = this.#options;
    this.#process = await FactoryProcess.spawn(this.folder, options);
    this.#endpoints = await this.#process.ready(this.folder);
  }

  /** Shows the end of the log with the failure of this test, if it fails, and what went wrong in its last line. */
  showLogOnFailure({ task, onTestFailed }: Pick<TestContext, 'task' | 'onTestFailed'>): void {
    onTestFailed(() => {
      process.stderr.write(`--- the factory's log, last lines ---\n${lastLines(this.log)}\n`);
      const service = this.#service?.log;
      if (service !== undefined)
        process.stderr.write(`--- the cluster service's ---\n${lastLines(service)}\n`);
      task.meta.lately = [
        ...[...this.#students.values()].flatMap(({ name, lastFailure }) =>
          lastFailure === undefined ? [] : `${name}: ${lastFailure}`,
        ),
        ...[this.log, service ?? ''].flatMap(lastComplaint),
      ];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) {
      this.#process.signal('SIGTERM');
      await this.#process.ended(STOP_WITHIN).catch(() => this.kill());
    }
    await this.#service?.[Symbol.asyncDispose]();
    const kept = process.env.FACTORY_E2E_LOGS;
    if (kept !== undefined) await writeFile(join(kept, `${this.folder.split('/').at(-1)}.log`), this.log);
    await sweepFolder(this.folder);
  }
}

function lastLines(log: string): string {
  return log.split('\n').slice(-30).join('\n');
}

/** The last line of the log that is an error. */
function lastComplaint(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line))
    .slice(-1);
}
