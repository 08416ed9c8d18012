import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { PUBLIC_AUTHORITY } from '../../acme/testing/public-authority.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { pretendEngine } from '../../docker-engine/testing/pretend-engine.ts';
import { dockerNames } from '../../names/docker-names.ts';
import { parseInstanceId } from '../../names/instance-id.ts';
import { parseWorkspaceKey } from '../../names/workspace-key.ts';
import type { Clusters } from '../../workspaces/ports/clusters.ts';
import { createK3dClusters } from './k3d-clusters.ts';

const instance = parseInstanceId('test0000') ?? expect.fail('an id');
const alice = parseWorkspaceKey('alice', 'k3s') ?? expect.fail('a key');
const names = dockerNames(instance, alice);
/** How long a resume may take; ms. */
const RESUME_LIMIT = 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

function clustersOn(engine: DockerEngine): Clusters {
  const never = () => expect.fail('no resume asks for this');
  return createK3dClusters({
    engine,
    instance,
    k3d: '/nowhere/k3d',
    defaultImage: 'node',
    images: { ensure: never, ensureBuilt: never },
    subnets: { reserve: never },
    minFreeDisk: 1,
    folder: '/nowhere',
    logFolder: join('/nowhere', 'logs'),
    hostOf: () => 'alice.localhost',
    firstServerLabels: () => ({}),
    acme: PUBLIC_AUTHORITY,
    publicApi: never,
    logger: pino({ enabled: false }),
  });
}

/**
 * An engine with a cluster that is paused. Whoever wants the cluster's kubeconfig of it is answered with `status`, the third time
 * after `onThird`; without a status it hangs up.
 */
function engineOf(
  { status, onThird }: { readonly status?: number; readonly onThird: () => void },
  asked: string[],
): RequestListener {
  let tries = 0;
  const server = {
    Id: 'server',
    Names: [`/k3d-${names.cluster}-server-0`],
    State: 'paused',
    Labels: { 'k3d.role': 'server', 'k3d.cluster.network.iprange': '10.213.0.0/28' },
    NetworkSettings: { Networks: { [names.clusterNetwork]: { IPAddress: '10.213.0.3' } } },
  };
  return ({ method, url = '' }, response) => {
    asked.push(`${method} ${url.replace(/^\/v[\d.]+/, '')}`);
    const tell = (code: number, body: unknown) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.includes('/archive')) {
      tries += 1;
      if (tries === 3) onThird();
      return status === undefined ? response.destroy() : tell(status, { message: 'no' });
    }
    if (url.includes('/containers/json')) return tell(200, [server]);
    if (method === 'POST') return response.writeHead(204).end();
    return tell(200, { Id: 'server', HostConfig: { RestartPolicy: { Name: 'no' } }, State: {} });
  };
}

function stops(asked: readonly string[]): readonly string[] {
  return asked.filter((request) => request.includes('/stop'));
}

test('a resume outlasts a Docker that fails to say how the cluster is asked', async () => {
  const caller = new AbortController();
  const asked: string[] = [];
  const onThird = () => caller.abort(new Error('the caller left'));
  await using pretend = await pretendEngine(engineOf({ status: 500, onThird }, asked));
  const resume = clustersOn(pretend.engine).resume(alice, () => undefined, caller.signal);
  await expect(resume).rejects.toThrow('the caller left');
  expect(stops(asked)).toEqual([]);
});

test('a Docker that is gone ends a resume, and stops nothing', async () => {
  const asked: string[] = [];
  const onThird = () => expect.fail('a resume that goes on');
  await using pretend = await pretendEngine(engineOf({ onThird }, asked));
  const { signal } = new AbortController();
  const resume = clustersOn(pretend.engine).resume(alice, () => undefined, signal);
  await expect(resume).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
  expect(stops(asked)).toEqual([]);
});

test.each([
  ['that Docker let nobody ask runs on', 500, 'DOCKER_FAILED', []],
  ['that does not answer is stopped', 404, 'CLUSTER_FAILED', ['POST /containers/server/stop?t=30']],
])('when the time of a resume is over, a cluster %s', async (_what, status, code, expected) => {
  const limit = new AbortController();
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) =>
    ms === RESUME_LIMIT ? limit.signal : timeout(ms),
  );
  const asked: string[] = [];
  await using pretend = await pretendEngine(engineOf({ status, onThird: () => limit.abort() }, asked));
  const { signal } = new AbortController();
  const resume = clustersOn(pretend.engine).resume(alice, () => undefined, signal);
  await expect(resume).rejects.toMatchObject({ code });
  expect(stops(asked)).toEqual(expected);
});
