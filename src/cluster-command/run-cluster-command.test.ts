import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { keyOf } from '../history/testing/some-event.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import type { SessionLimit } from '../workspaces/workspace-access.ts';
import type { ClusterCommandIo } from './cluster-command.ts';
import { clusterProgram } from './cluster-program.ts';
import { createClusterCommand } from './run-cluster-command.ts';
import { clusterThat, MemoryCluster } from './testing/memory-cluster.ts';

const MINUTE = 60_000;

let cluster: MemoryCluster;
let clock: VirtualClock;
let limit: SessionLimit | undefined;
let logged: string[];
beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  limit = undefined;
  logged = [];
});

interface RunOptions {
  readonly name?: ClusterCommandIo['name'];
  readonly gone?: AbortController;
  /** Called with each line of either output. */
  readonly onLine?: (line: string) => void;
}

async function run(args: string, { name = 'cluster', gone, onLine = () => {} }: RunOptions = {}) {
  let out = '';
  let err = '';
  const command = createClusterCommand({
    api: () => cluster,
    sessionLimit: () => limit,
    clock,
    logger: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
  });
  const status = await command(keyOf('alice', 'k3s'), args.split(' ').filter(Boolean), {
    name,
    print: (text) => {
      out += text.endsWith('\n') ? text : `${text}\n`;
      onLine(text);
    },
    note: (text) => {
      err += text.endsWith('\n') ? text : `${text}\n`;
      onLine(text);
    },
    signal: (gone ?? new AbortController()).signal,
  });
  return { status, out, err };
}

const doing = (step: string) =>
  clusterThat({
    state: 'starting',
    ready: false,
    doing: {
      action: 'start',
      step,
      since: '2026-11-28T10:00:00.000Z',
      overdue_at: null,
      pace: 'usual',
    },
  });
const failed = clusterThat({
  state: 'failed',
  ready: false,
  error: {
    id: '0badcafe',
    code: 'CLUSTER_FAILED',
    message: 'It does not start.',
    retry_at: '2026-11-28T10:01:00.000Z',
  },
});
const ordered = clusterThat({ state: 'stopped', ready: false, order: { kind: 'stop', by: 'alice' } });

describe('status', () => {
  test.each([
    ['ready', clusterThat(), 0, /^Your cluster is ready, for /],
    [
      'on its way',
      doing('waiting for DNS'),
      3,
      /^Your cluster is not ready yet: starting, waiting for DNS, for /,
    ],
    [
      'failed',
      failed,
      1,
      /It does not start\. \(error 0badcafe\).*If it does not come back, make a new one: cluster reset/,
    ],
    ['stopped', ordered, 3, /^Your cluster is stopped, .*\nIt stays so until you type cluster start/],
    ['absent', clusterThat({ state: 'absent', ready: false, nodes: [] }), 3, /^There is no cluster now/],
  ])('of one that is %s', async (_, is, status, text) => {
    cluster.statuses = [is];
    const said = await run('status');
    expect(said).toMatchObject({ status, err: '' });
    expect(said.out).toMatch(text);
  });

  test('has a row for each node, and where the Ingresses answer', async () => {
    const { out } = await run('status');
    expect(out).toMatch(/^NODE +STATE +VERSION +ADDRESS +MEMORY +CORES$/m);
    expect(out).toMatch(/^server-0 +ready +v1\.35\.0\+k3s1 +10\.0\.0\.2 +450 MiB +0\.05$/m);
    expect(out).toContain('Ingresses answer at http://alice.lab.test:8081 and https://alice.lab.test:8443');
  });

  test('--json is one line', async () => {
    const { out } = await run('status --json');
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toEqual(clusterThat());
  });

  test('--wait comes back when it is ready, and says each new step once', async () => {
    cluster.statuses = [doing('a'), doing('a'), doing('b'), clusterThat()];
    const { status, err } = await run('status --wait');
    expect(status).toBe(0);
    expect(err).toBe('cluster: a\ncluster: b\n');
  }, 10_000);

  test.each([
    ['was ordered down', ordered, 3],
    ['has failed', failed, 1],
  ])('--wait does not wait for one that %s', async (_, is, status) => {
    cluster.statuses = [is];
    expect(await run('status --wait')).toMatchObject({ status });
    expect(cluster.asked).toEqual(['status']);
  });

  test('--watch tells changes, until it is interrupted', async () => {
    const later = { ...clusterThat(), since: '2026-11-28T10:00:01.000Z' };
    cluster.statuses = [clusterThat(), later, ordered];
    const gone = new AbortController();
    const onLine = (line: string) => line.includes('"stopped"') && gone.abort();
    const { status, out } = await run('status --watch --json', { gone, onLine });
    expect(status).toBe(130);
    expect(out.trim().split('\n')).toHaveLength(2);
  }, 10_000);
});

test('start says each new step, and at last where it answers', async () => {
  const progress = (step: string) => ({ part: 'cluster', action: 'start', step }) as const;
  cluster.progress = [progress(''), progress('nodes'), progress('nodes'), progress('DNS')];
  const { status, out, err } = await run('start');
  expect(status).toBe(0);
  expect(err).toBe('cluster: start\ncluster: nodes\ncluster: DNS\n');
  expect(out).toContain('is ready. Its Ingresses answer at http://alice.lab.test:8081');
});

test.each(['suspend', 'stop'])('%s says how long it stays so', async (command) => {
  const { status, out } = await run(command, { name: '@cluster' });
  expect(status).toBe(0);
  expect(cluster.asked).toEqual([command]);
  expect(out).toContain('until you type @cluster start');
});

test.each([
  ['reset', 'reset'],
  ['delete', 'remove'],
])('%s is not done without --yes, and says what would be lost and what to type', async (command, asks) => {
  const refused = await run(command);
  expect(refused).toMatchObject({ status: 2, out: '' });
  expect(refused.err).toMatch(/everything in it goes/);
  expect(refused.err).toContain(`type: cluster ${command} --yes`);
  expect(cluster.asked).toEqual([]);
  const done = await run(`${command} --yes`);
  expect(done.status).toBe(0);
  expect(done.out).toContain('kubectl works again when cluster status says ready');
  expect(cluster.asked[0]).toBe(asks);
});

test('reset tells what is done meanwhile, and a failure of it is its own', async () => {
  const reset = Promise.withResolvers<ReturnType<typeof clusterThat>>();
  cluster.reset = () => reset.promise;
  cluster.statuses = [doing('removing the old one'), doing('making the nodes')];
  const onLine = (line: string) => line.includes('nodes') && reset.resolve(clusterThat());
  const { status, err } = await run('reset --yes', { onLine });
  expect({ status, err }).toEqual({
    status: 0,
    err: 'cluster: removing the old one\ncluster: making the nodes\n',
  });
  cluster.reset = () => Promise.reject(new FactoryError('CLUSTER_FAILED', 'It failed.', { id: 'cafe0002' }));
  expect((await run('reset --yes')).err).toContain('(error cafe0002)');
}, 10_000);

test.each([
  ['cluster', 'kubeconfig', 'kubeconfig container'],
  ['cluster', 'kubeconfig --outside', 'kubeconfig outside'],
  ['@cluster', 'kubeconfig', 'kubeconfig outside'],
  ['@cluster', 'kubeconfig --outside', 'kubeconfig outside'],
] as const)('%s %s', async (name, command, asks) => {
  expect(await run(command, { name })).toEqual({ status: 0, out: 'kind: Config\n', err: '' });
  expect(cluster.asked).toEqual([asks]);
});

test('open prints the URL and nothing else', async () => {
  expect(await run('open')).toEqual({ status: 0, out: 'http://alice.lab.test:8081\n', err: '' });
});

describe('extend', () => {
  test('without a time says when the session ends', async () => {
    expect((await run('extend')).out).toBe('This lab sets no end to your session.\n');
    limit = { endsAt: clock.now() + 10 * MINUTE, left: 30 * MINUTE };
    expect((await run('extend')).out).toMatch(
      /^Your session ends in 10 min\. You can make it longer, by 30 min at most: cluster extend 30m/,
    );
  });

  test('with one puts it off', async () => {
    expect((await run('extend 30m')).out).toMatch(/^Your session now ends in /);
    expect(cluster.asked).toEqual(['extend 1800000']);
  });

  test('a refusal is a sentence without an id, and no line in the log', async () => {
    cluster.failure = new FactoryError('EXTENSION_REFUSED', 'It can be made longer by 5 min at most.');
    expect(await run('extend 2h')).toEqual({
      status: 1,
      out: '',
      err: 'It can be made longer by 5 min at most.\n',
    });
    expect(logged).toEqual([]);
  });
});

describe('node', () => {
  test('list, stop and start', async () => {
    expect((await run('node list')).out).toMatch(/^server-0 +ready/m);
    expect((await run('node stop agent-0')).out).toContain('cluster node start agent-0');
    expect((await run('node start agent-0')).out).toContain('agent-0 is back');
    expect(cluster.asked).toEqual(['status', 'stopNode agent-0', 'startNode agent-0']);
  });

  test.each(['node stop ../etc', 'node stop', 'node', 'node stop a b'])(
    '"%s" is a usage error',
    async (words) => {
      expect(await run(words)).toMatchObject({ status: 2, out: '' });
      expect(cluster.asked).toEqual([]);
    },
  );
});

test('logs have a head for each node, and the last failure', async () => {
  cluster.clusterLogs = {
    nodes: [{ name: 'server-0', state: 'running', lines: ['one', 'two'] }],
    last_failure: { at: '2026-11-28T09:00:00.000Z', lines: ['why'] },
  };
  const { out } = await run('logs --lines 7');
  expect(out).toBe(
    '==> server-0 (running) <==\none\ntwo\n==> the last creation or start that failed, 2026-11-28T09:00:00.000Z <==\nwhy\n',
  );
  expect(cluster.asked).toEqual(['logs 7']);
});

test('events --follow goes on after the last one when an answer ends', async () => {
  const gone = new AbortController();
  const onLine = () => cluster.eventAnswers === 2 && gone.abort();
  const { status, out } = await run('events --lines 3 --follow', { gone, onLine });
  expect(status).toBe(130);
  expect(out.trim().split('\n')).toHaveLength(2);
  expect(cluster.asked).toEqual(['events {"limit":3,"follow":true}', 'events {"after":1,"follow":true}']);
}, 10_000);

describe('what fails', () => {
  test('is told with the id of the log, which has it from the API', async () => {
    cluster.failure = new FactoryError('CLUSTER_FAILED', 'It failed.', { id: 'cafe0001' });
    expect(await run('start')).toMatchObject({
      status: 1,
      err: 'It failed. (error cafe0001) If it does not come back, make a new one: cluster reset\n',
    });
    expect(logged).toEqual([]);
  });

  test('without anybody expecting it is in the log, and only there', async () => {
    cluster.failure = new TypeError('secret detail');
    const { status, err } = await run('start');
    expect(status).toBe(1);
    const [, id = 'none'] = /\(error ([0-9a-f]{8})\)/.exec(err) ?? [];
    expect(err).not.toContain('secret');
    expect(logged.join('')).toContain(id);
  });
});

describe('words', () => {
  test('that are none get a suggestion', async () => {
    const { status, out, err } = await run('statsu');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/Did you mean status\?/);
    expect(err).toContain('cluster help');
    expect((await run('status --wiat')).err).toMatch(/Did you mean --wait\?/);
  });

  test.each(['help', '--help', 'help status', 'status --help'])('%s', async (words) => {
    const { status, out, err } = await run(words, { name: '@cluster' });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^Usage: @cluster /);
  });

  test('that are missing are a usage error, with the help', async () => {
    const { status, out, err } = await run('');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^Usage: cluster /);
  });

  test('are all in the man page and in the completion', async () => {
    const [manPage, completion] = await Promise.all(
      ['cluster.1', 'cluster.bash'].map((name) =>
        readFile(new URL(`../../lab-program/${name}`, import.meta.url), 'utf8'),
      ),
    );
    const plain = manPage?.replaceAll(String.raw`\-`, '-') ?? '';
    const program = clusterProgram({ name: 'cluster', print: () => {}, note: () => {} }, async () => {});
    for (const command of program.commands) {
      const words = [
        ...command.options.flatMap(({ long }) => long ?? []),
        ...command.commands.map((sub) => sub.name()),
      ];
      for (const word of [command.name(), ...words]) {
        expect(plain, `the man page has ${word}`).toContain(word);
        expect(completion, `the completion has ${word}`).toContain(word);
      }
    }
  });
});
