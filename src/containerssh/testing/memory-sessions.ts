import type { FactoryError } from '../../errors/factory-error.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { FrontConnection, FrontLaunch, FrontSessions } from '../front-sessions.ts';

/** Sessions whose workspaces are of use when a test says so. */
export class MemorySessions implements FrontSessions {
  readonly opened: FrontConnection[] = [];
  readonly closed: string[] = [];
  /** Of the workspaces that are of use from now on, all: undefined. */
  failure: FactoryError | undefined;
  #ready = Promise.withResolvers<void>();

  constructor(state: 'ready' | 'waking' = 'ready') {
    if (state === 'ready') this.#ready.resolve();
  }

  ready(): void {
    this.#ready.resolve();
  }

  async open(connection: FrontConnection, signal: AbortSignal): Promise<FrontLaunch> {
    this.opened.push(connection);
    if (this.failure !== undefined) throw this.failure;
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    try {
      await Promise.race([this.#ready.promise, ended.promise]);
    } finally {
      signal.removeEventListener('abort', end);
    }
    return launchOf(connection);
  }

  close(connectionId: string): void {
    this.closed.push(connectionId);
  }
}

export function launchOf({ key }: Pick<FrontConnection, 'key'>): FrontLaunch {
  return {
    image: 'lab:1',
    user: '1000:1000',
    workingDir: '/home/lab',
    env: { HOME: '/home/lab', NAME: key.user },
    labels: { workspace: formatWorkspaceKey(key) },
    binds: [`home-${key.user}:/home/lab`],
    mounts: [{ source: '/srv/data', target: '/data', readOnly: true }],
    securityOpt: ['no-new-privileges'],
    networkMode: 'lab-network',
    limits: { memory: 2 ** 30, cpus: 1.5, pids: 512 },
  };
}
