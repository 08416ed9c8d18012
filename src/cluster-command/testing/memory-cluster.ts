import type { Cluster, ClusterLogs, ClusterProgress } from '../../api-client/cluster-api-client.ts';
import { toRecorded } from '../../history/published-event.ts';
import { keyOf } from '../../history/testing/some-event.ts';
import type { ClusterApi } from '../cluster-api.ts';

const SINCE = '2026-11-28T10:00:00.000Z';

export function clusterThat(is: Partial<Cluster> = {}): Cluster {
  return {
    user: 'alice',
    lab: 'k3s',
    state: 'running',
    ready: true,
    since: SINCE,
    longer: false,
    doing: null,
    error: null,
    order: null,
    next: null,
    delete_at: null,
    sessions: 1,
    route: 'awake',
    urls: { http: 'http://alice.lab.test:8081', https: 'https://alice.lab.test:8443' },
    nodes: [
      {
        name: 'server-0',
        role: 'server',
        state: 'running',
        address: '10.0.0.2',
        ready: true,
        version: 'v1.35.0+k3s1',
        since: SINCE,
        memory_bytes: 450 * 2 ** 20,
        cpu_cores: 0.051,
      },
    ],
    versions: ['v1.35.0+k3s1'],
    memory_bytes: 450 * 2 ** 20,
    cpu_cores: 0.051,
    addresses: null,
    ...is,
  };
}

/** A cluster in memory: remembers what it was asked, and fails where a test says so. */
export class MemoryCluster implements ClusterApi {
  readonly asked: string[] = [];
  /** Told one after the other by `status`, the last one again and again. */
  statuses: Cluster[] = [clusterThat()];
  progress: ClusterProgress[] = [];
  clusterLogs: ClusterLogs = { nodes: [], last_failure: null };
  failure: Error | undefined;
  /** How often the events have been asked for. */
  eventAnswers = 0;

  async status(): Promise<Cluster> {
    return this.#answer('status');
  }
  async ensure(onProgress: (progress: ClusterProgress) => void): Promise<Cluster> {
    for (const each of this.progress) onProgress(each);
    return this.#answer('ensure');
  }
  async suspend(): Promise<Cluster> {
    return this.#answer('suspend');
  }
  async stop(): Promise<Cluster> {
    return this.#answer('stop');
  }
  async reset(): Promise<Cluster> {
    return this.#answer('reset');
  }
  async remove(): Promise<Cluster> {
    return this.#answer('remove');
  }
  async stopNode(node: string): Promise<Cluster> {
    return this.#answer(`stopNode ${node}`);
  }
  async startNode(node: string): Promise<Cluster> {
    return this.#answer(`startNode ${node}`);
  }
  async extend(ms: number): Promise<number> {
    this.#answer(`extend ${ms}`);
    return Date.parse(SINCE) + ms;
  }
  async kubeconfig(from: string): Promise<string> {
    this.#answer(`kubeconfig ${from}`);
    return 'kind: Config\n';
  }
  async logs(lines: number): Promise<ClusterLogs> {
    this.#answer(`logs ${lines}`);
    return this.clusterLogs;
  }
  async *events(options: object) {
    this.#answer(`events ${JSON.stringify(options)}`);
    this.eventAnswers += 1;
    const at = Date.parse(SINCE) + this.eventAnswers;
    const event = { kind: 'deletion_ahead', at, key: keyOf('alice', 'k3s'), deleteAt: at } as const;
    yield toRecorded({ id: this.eventAnswers, event });
  }

  #answer(what: string): Cluster {
    this.asked.push(what);
    if (this.failure !== undefined) throw this.failure;
    const [first = clusterThat(), ...more] = this.statuses;
    if (more.length > 0) this.statuses = more;
    return first;
  }
}
