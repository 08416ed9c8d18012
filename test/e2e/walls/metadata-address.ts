import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { execa } from 'execa';
import { PATIENCE } from '../harness/eventually.ts';
import { answersHttp } from './words.ts';

/** On which a cloud tells a machine about itself. */
export const METADATA = '169.254.169.254';

/** The links on which tests have it, by the process that made them. */
const LINK = /^meta-(\d+)$/;

/**
 * The metadata address of a cloud: that of this machine where somebody answers on it. Else this host has it itself for the time of the
 * test, on a bridge without ports, with a server on a port that no other run has: several links may have one address.
 */
export class MetadataAddress implements AsyncDisposable {
  /** `host:port` of an HTTP server on it. */
  readonly target: string;
  readonly #server: Server | undefined;

  private constructor(target: string, server?: Server) {
    this.target = target;
    this.#server = server;
  }

  static get possible(): boolean {
    return process.platform === 'linux' && process.getuid?.() === 0;
  }

  static async find(): Promise<MetadataAddress> {
    await sweep();
    if (await isThere()) return new MetadataAddress(`${METADATA}:80`);
    await run('ip', 'link', 'add', ownLink(), 'type', 'bridge');
    await run('ip', 'address', 'add', `${METADATA}/32`, 'dev', ownLink());
    await run('ip', 'link', 'set', ownLink(), 'up');
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.0 200 OK\r\n\r\n'),
    );
    server.listen({ host: METADATA, port: 0 });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return new MetadataAddress(`${METADATA}:${address.port}`, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server === undefined) return;
    this.#server.close();
    await once(this.#server, 'close');
    await run('ip', 'link', 'delete', ownLink());
  }
}

function ownLink(): string {
  return `meta-${process.pid}`;
}

/** An answer is asked for, and not a connection: there are networks that take one to anywhere. */
async function isThere(): Promise<boolean> {
  const { exitCode } = await execa('bash', ['--norc', '-c', answersHttp(`${METADATA}:80`)], {
    reject: false,
    timeout: PATIENCE,
  });
  return exitCode === 0;
}

/** Takes away what dead runs have left. */
async function sweep(): Promise<void> {
  const links = (await run('ip', '-oneline', 'link', 'show', 'type', 'bridge')).split('\n');
  for (const line of links) {
    const name = line.split(': ')[1] ?? '';
    const [, pid] = LINK.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await run('ip', 'link', 'delete', name);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function run(file: string, ...args: readonly string[]): Promise<string> {
  return (await execa(file, args, { timeout: PATIENCE })).stdout;
}
