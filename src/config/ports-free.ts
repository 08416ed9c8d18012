import { once } from 'node:events';
import { createServer } from 'node:net';
import { FactoryError } from '../errors/factory-error.ts';
import { isLasting } from '../errors/system-refusal.ts';
import type { ListenAddress } from './factory-config.ts';
import { formatListen } from './listen-address.ts';
import { formatProblem, type Problem } from './problem.ts';
import { formatPath, type Path } from './yaml-document.ts';

export interface PortsFreeOptions {
  /** By their keys in the configuration. */
  readonly listens: ReadonlyArray<{ readonly path: Path; readonly address: ListenAddress }>;
  /** Where a key stands in the configuration file; undefined for a default. */
  readonly problemAt: (path: Path, message: string) => Problem | undefined;
  readonly workingFolder: string;
}

/**
 * Rejects with `PORT_IN_USE`, whose message has a line for each address that can't be listened on, or with `CONFIG_INVALID` where
 * only a person can mend one of them. Port 0 always can. Another program may still come first between this and the real listening, which then fails in its own way.
 */
export async function assertPortsFree(options: PortsFreeOptions): Promise<void> {
  const looks = options.listens.map(async ({ path, address }) => {
    const mistake = await listenMistake(address);
    return mistake === undefined ? [] : [{ ...mistake, line: describe(options, path, mistake.words) }];
  });
  const mistakes = (await Promise.all(looks)).flat();
  if (mistakes.length === 0) return;
  const code = mistakes.some(({ mayPass }) => !mayPass) ? 'CONFIG_INVALID' : 'PORT_IN_USE';
  throw new FactoryError(code, mistakes.map(({ line }) => line).join('\n'));
}

function describe({ problemAt, workingFolder }: PortsFreeOptions, path: Path, mistake: string): string {
  const problem = problemAt(path, mistake);
  if (problem !== undefined) return formatProblem(problem, workingFolder);
  return `${formatPath(path)} (default): ${mistake}`;
}

/** Why an address can't be listened on. */
export interface ListenMistake {
  /** Whether another program listens there. */
  readonly isTaken: boolean;
  /** Whether it may pass by itself. */
  readonly mayPass: boolean;
  /** What is wrong and what to do, without a full stop. */
  readonly words: string;
}

/** Undefined where `address` can be listened on, as port 0 always can. */
export async function listenMistake(address: ListenAddress): Promise<ListenMistake | undefined> {
  if (address.port === 0) return undefined;
  const server = createServer();
  try {
    server.listen({ ...address, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { isTaken: code === 'EADDRINUSE', mayPass: !isLasting(error), words: mistakeFor(code, address) };
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}

function mistakeFor(code: string, address: ListenAddress): string {
  const shown = formatListen(address);
  switch (code) {
    case 'EADDRINUSE':
      return `another program listens on ${shown}; end it, or take another port`;
    case 'EACCES':
      return `this user may not listen on ${shown}; take a port from 1024 on, or give the program the right to`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address.host}; take one it has, or 0.0.0.0 for all`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${address.host} is not known; take an address such as 127.0.0.1`;
    default:
      return `can't listen on ${shown} (${code})`;
  }
}
