import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { FactoryStatus, PartStatus, WorkspaceStatus } from '../../control/status-schema.ts';
import { statusText } from './status-text.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const part: PartStatus = { state: 'suspended', since: at(-MINUTE), longer: false, doing: null, error: null };

const IDLE: FactoryStatus = {
  version: '1',
  instance: 'abcd1234',
  pid: 1,
  since: at(-MINUTE),
  ssh: '',
  web: '',
  configuration: { file: '/class/factory.yaml', read_at: at(-MINUTE), problem: null, needs_restart: [] },
  hooks: { waiting: 0, given_up: 0 },
  closed_out: [],
  drain: null,
  sessions: 0,
  workspaces: [],
};

function text(changes: Partial<WorkspaceStatus>): string {
  const workspace: WorkspaceStatus = {
    user: 'alice',
    lab: 'k3s',
    lab_defined: true,
    state: 'suspended',
    since: at(-MINUTE),
    longer: false,
    next: null,
    pin: null,
    order: null,
    cluster_order: null,
    delete_at: null,
    sessions: [],
    container: part,
    cluster: part,
    memory_bytes: 0,
    route: null,
    ...changes,
  };
  const [, row = ''] = stripVTControlCharacters(statusText({ ...IDLE, workspaces: [workspace] }, NOW)).split(
    /^WORKSPACE.*\n/m,
  );
  return row;
}

test('says what will become of a workspace', () => {
  expect(text({})).not.toContain('\n');
  expect(text({ next: { state: 'stopped', at: at(30 * MINUTE) } })).toContain('\n  stopped in 30 min');
  const deletion = { next: { state: 'deleted', at: at(12 * DAY) }, delete_at: at(12 * DAY) } as const;
  expect(text(deletion).split('\n').slice(1)).toEqual(['  cluster deleted in 12 d if nobody comes']);
  expect(text({ pin: { until: at(2 * 60 * MINUTE), by: 'ida' } })).toContain(
    'kept awake for 2 h more, by ida',
  );
  expect(text({ order: 'stop' })).toContain('stopped until somebody comes');
});

test('says of a step what it is at, and when it takes too long', () => {
  const doing = (
    pace: 'usual' | 'slow' | 'overdue',
    overdueAt: string | null,
    step = 'starting Kubernetes',
  ) =>
    text({
      cluster: {
        ...part,
        doing: { what: 'starting', step, since: at(-MINUTE), overdue_at: overdueAt, pace },
      },
    });
  expect(doing('usual', null)).toMatch(/cluster: starting Kubernetes, for 60 s$/);
  expect(doing('usual', null, '')).not.toContain('cluster:');
  expect(doing('slow', at(30_000))).toMatch(/for 60 s, slow; given up in 30 s$/);
  expect(doing('overdue', at(-2_000), '')).toMatch(/cluster: starting, for 60 s, overdue by 2 s/);
});

test('says which addresses are closed out, and for how long', () => {
  const said = (closedOut: FactoryStatus['closed_out']) =>
    stripVTControlCharacters(statusText({ ...IDLE, closed_out: closedOut }, NOW));
  expect(said([])).not.toContain('closed out');
  const one = { address: '192.0.2.7', until: at(30_000) };
  const network = { address: '2001:db8::/64', until: at(4 * MINUTE) };
  expect(said([one, network])).toContain(
    '\nclosed out after failed logins: 192.0.2.7 (30 s more), 2001:db8::/64 (4 min more)\n',
  );
  expect(said(Array(8).fill(one))).toMatch(/(192\.0\.2\.7 \(30 s more\)(, | )){5}and 3 others\n/);
});

test('says that the configuration has a mistake, with its lines, and what waits for a restart', () => {
  const said = (changes: Partial<FactoryStatus['configuration']>) =>
    stripVTControlCharacters(
      statusText({ ...IDLE, configuration: { ...IDLE.configuration, ...changes } }, NOW),
    );
  expect(said({})).not.toMatch(/configuration/);
  const message = 'factory.yaml:4:1: one\nclass.csv:2:3: two';
  expect(said({ problem: { message, since: at(-MINUTE) } })).toContain(
    [
      'the configuration has a mistake for 60 s; the groups are as they were before:',
      '  factory.yaml:4:1: one',
      '  class.csv:2:3: two',
    ].join('\n'),
  );
  expect(said({ needs_restart: ['labs', 'log'] })).toContain(
    'changed in the configuration, and waiting for a restart: labs, log',
  );
});
