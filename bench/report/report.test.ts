import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Comparison, ratio, summarize, verdict } from './comparison.ts';
import { reportJson } from './json.ts';
import { comingAndGoingSection, measuredSection, throughTheApiSection, timelineSection } from './markdown.ts';
import { memorySection } from './memory-section.ts';
import { withSection } from './page-section.ts';
import type { Report } from './report.ts';
import { routeChangesSection, throughTheRoutesSection } from './routes-section.ts';
import { type SshComparison, sshVerdict } from './ssh.ts';
import { sshSection } from './ssh-section.ts';

const machine = { cores: 2, memoryGib: 24, kernel: '6.1', docker: '20.10', node: '24.1.0', load: 0.25 };
const report: Report = {
  date: '2026-11-28',
  commit: 'abc1234',
  machine,
  rounds: { quick: 3, slow: 2 },
  comparisons: [
    {
      what: 'new',
      ours: [13_000, 15_000],
      beside: '`k3d`',
      theirs: [14_000],
      goal: { factor: 1.1, plus: 0 },
    },
    {
      what: 'awake',
      ours: [200, 300, 250],
      beside: 'bare',
      theirs: [100],
      goal: { factor: 1.3, plus: 100 },
    },
    { what: 'running', ours: [120], beside: 'bare', theirs: [80] },
  ],
  comingAndGoing: [
    { what: 'exit: the node is paused', ours: [90, 70, 80], beside: '`docker pause`', theirs: [40, 50, 60] },
  ],
  throughTheRoutes: [
    { what: 'HTTP: a request, p50', unit: 'ms', ours: [1.5], theirs: [1] },
    { what: 'HTTP: 50 connections', unit: 'requests/s', ours: [1_000, 1_200], theirs: [2_200] },
  ],
  routeChanges: [
    {
      workspaces: 300,
      fileBytes: 400 * 1024,
      written: [9, 11],
      effect: [60],
      known: [123.4],
      tenKnown: [250],
      cpu: { factory: [12], traefik: [25.55] },
    },
    {
      workspaces: 1,
      fileBytes: 4_000,
      written: [9],
      effect: [60],
      known: [70],
      tenKnown: [],
      cpu: { factory: [1], traefik: [2] },
    },
  ],
  ssh: [
    {
      what: 'a download',
      unit: 'MiB/s',
      ours: [65, 61],
      sshd: [100],
      bridge: [70],
      goal: { kind: 'share', ofSshd: 0.6, ofBridge: 0.9 },
    },
    {
      what: 'a key beside floods',
      unit: 'ms',
      ours: [26],
      sshd: [],
      bridge: [],
      goal: { kind: 'added', alone: [5], most: 20 },
    },
  ],
  throughTheApi: [{ what: '`PUT`', ours: [30], beside: '`docker inspect`', theirs: [60] }],
  loads: [
    { sessions: 0, memoryKib: 100 * 1024, cpuPercent: 0.04 },
    { sessions: 200, memoryKib: 150 * 1024, cpuPercent: 1.26 },
  ],
  paths: [
    {
      name: 'the shell',
      stages: [
        { what: 'login', samples: [30, 40, 50] },
        { what: 'rest', samples: [60] },
      ],
    },
  ],
  memory: {
    image: 'k3s:v1',
    clusters: [
      { what: 'full', awake: mib(400, 600), paused: mib(400), stopped: mib(0), dockerStats: mib(510) },
      { what: 'leanest', awake: mib(300), paused: mib(300), stopped: mib(0), dockerStats: [] },
    ],
    agent: { what: 'an agent', awake: mib(100), paused: mib(100), stopped: mib(0), dockerStats: [] },
    container: { what: 'the container', awake: mib(12), paused: mib(12), stopped: mib(0), dockerStats: [] },
  },
};

function mib(...numbers: number[]): number[] {
  return numbers.map((number) => number * 2 ** 20);
}

describe('a summary', () => {
  test('of an odd and of an even number of samples', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  test('has as many samples on each side of its median, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (samples) => {
        const { median, min, max } = summarize(samples);
        const below = samples.filter((sample) => sample < median).length;
        const above = samples.filter((sample) => sample > median).length;
        expect(below).toBeLessThanOrEqual(samples.length / 2);
        expect(above).toBeLessThanOrEqual(samples.length / 2);
        expect([min, max]).toEqual([Math.min(...samples), Math.max(...samples)]);
      }),
    );
  });

  test('of nothing is a mistake', () => {
    expect(() => summarize([])).toThrow('no samples');
  });
});

describe('a comparison', () => {
  const comparison = (ours: number, theirs: number): Comparison => ({
    what: '',
    ours: [ours],
    beside: '',
    theirs: [theirs],
    goal: { factor: 1.3, plus: 100 },
  });

  test('has the ratio of the medians', () => {
    expect(ratio(comparison(150, 100))).toBe(1.5);
  });

  test('reaches a goal up to its limit and not beyond it', () => {
    expect(verdict(comparison(230, 100))).toEqual({ limit: 230, reached: true });
    expect(verdict(comparison(231, 100))).toEqual({ limit: 230, reached: false });
    const { goal: _, ...without } = comparison(1, 1);
    expect(verdict(without)).toBeUndefined();
  });
});

test('the table that the README shows', () => {
  expect(measuredSection(report)).toBe(
    `2 cores, 24 GiB, Linux 6.1, Docker 20.10, Node 24.1.0; load 0.3 at the start; commit abc1234, 2026-11-28. Median (least–most) of 3 rounds, 2 where a cluster is made or started.

|  | s | beside it | s | ratio | goal |
| --- | --- | --- | --- | --- | --- |
| new | 14.0 (13.0–15.0) | \`k3d\` | 14.0 | 1.00 | ≤ 15.4: reached |
| awake | 0.250 (0.200–0.300) | bare | 0.100 | 2.50 | ≤ 0.230: missed |
| running | 0.120 | bare | 0.080 | 1.50 |  |

| idle sessions | the factory's memory, MiB | its CPU, % of one core |
| --- | --- | --- |
| 0 | 100 | 0.0 |
| 200 | 150 | 1.3 |

An idle session costs 256 KiB of the factory's memory; the goal is 341 at most: reached.`,
  );
});

test('the table of coming and going, with the worst of its rounds', () => {
  const section = comingAndGoingSection(report);
  expect(section).toContain('of 3 rounds, 2 where it takes minutes.');
  expect(section).toContain(`
| exit: the node is paused | 0.080 (0.070–0.090) | \`docker pause\` | 0.050 (0.040–0.060) | 1.60 |  |`);
});

test('the table of the API', () => {
  expect(throughTheApiSection(report)).toContain('| `PUT` | 0.030 | `docker inspect` | 0.060 | 0.50 |  |');
});

test('the table of the routes, each figure in its own unit', () => {
  expect(throughTheRoutesSection(report)).toContain(`of 3 rounds.

|  | unit | through the factory's Traefik | the node's own port | ratio |
| --- | --- | --- | --- | --- |
| HTTP: a request, p50 | ms | 1.50 | 1.00 | 1.50 |
| HTTP: 50 connections | requests/s | 1100 (1000–1200) | 2200 | 0.50 |`);
});

test('the table of SSH, beside two others', () => {
  expect(sshSection(report)).toContain(`of 3 rounds.

|  | unit | ours | plain sshd | ratio | bare bridge | ratio | goal |
| --- | --- | --- | --- | --- | --- | --- | --- |
| a download | MiB/s | 63.0 (61.0–65.0) | 100 | 0.63 | 70.0 | 0.90 | ≥ 0.6 and ≥ 0.9: reached |
| a key beside floods | ms | 26.0 |  |  |  |  | ≤ 20 ms more than alone: missed |`);
});

test.each([
  [60, 66, true],
  [59, 65, false],
  [60, 67, false],
])('a rate of %i reaches its goal beside both, 100 and %i: %s', (ours, bridge, reached) => {
  const goal = { kind: 'share', ofSshd: 0.6, ofBridge: 0.9 } as const;
  const rates: SshComparison = { what: '', unit: 'MiB/s', ours: [ours], sshd: [100], bridge: [bridge], goal };
  expect(sshVerdict(rates)?.reached).toBe(reached);
});

test('the table of how soon a route has changed', () => {
  expect(routeChangesSection(report)).toContain(`
| 300 | 400 | 10.0 (9.00–11.0) | 60.0 | 123 | 250 | 12.0 | 25.6 |
| 1 | 4 | 9.00 | 60.0 | 70.0 |  | 1.00 | 2.00 |`);
});

test('the tables of memory: what each takes, and how many of it with its container fit beside 2 GiB for the rest', () => {
  if (report.memory === undefined) throw new Error('there is no memory in the report');
  const section = memorySection(report, report.memory);
  expect(section).toContain('of 2 rounds; nodes of `k3s:v1`.');
  expect(section).toContain(`
| full | 500 (400–600) |  | 400 | 0 | 510 |
| leanest | 300 | 60 % | 300 | 0 | no figures |
| an agent | 100 |  | 100 | 0 | no figures |
| the container | 12 |  | 12 | 0 | no figures |`);
  // (16 - 2) * 1024 / 512 = 28
  expect(section).toContain(`
|  | 8 GiB | 16 GiB | 32 GiB | 64 GiB |
| --- | --- | --- | --- | --- |
| full | 12 | 28 | 60 | 124 |
| leanest | 19 | 45 | 98 | 203 |`);
});

test('the table that shows where the time goes', () => {
  expect(timelineSection(report)).toContain(`
|  | stage | takes, ms | ends at, ms |
| --- | --- | --- | --- |
| the shell | login | 40 (30–50) | 40 |
|  | rest | 60 (60–60) | 100 |`);
});

test('the JSON has every sample, and snake_case keys', () => {
  const json = JSON.parse(JSON.stringify(reportJson(report)));
  expect(json.comparisons[1]).toMatchObject({
    what: 'awake',
    ours: { median: 250, samples: [200, 300, 250] },
    goal: { limit: 230, reached: false },
  });
  expect(json.comparisons[2].goal).toBeNull();
  expect(json.at_rest[1]).toEqual({ sessions: 200, memory_kib: 153_600, cpu_percent: 1.26 });
  expect(json.timeline[0].stages[1]).toMatchObject({ what: 'rest', median: 60 });
  expect(json.coming_and_going[0]).toMatchObject({ ratio: 1.6, ours: { max: 90, samples: [90, 70, 80] } });
  expect(json.through_the_api[0]).toMatchObject({ ratio: 0.5 });
  expect(json.through_the_routes[1]).toMatchObject({ unit: 'requests/s', ratio: 0.5 });
  expect(json.beside_sshd[1]).toMatchObject({
    what: 'a key beside floods',
    sshd: null,
    goal: { reached: false },
  });
  expect(json.route_changes[0]).toMatchObject({
    file_bytes: 409_600,
    cpu: { traefik: { samples: [25.55] } },
  });
  expect(json.memory.clusters[1]).toMatchObject({
    what: 'leanest',
    awake: [300 * 2 ** 20],
    docker_stats: [],
  });
  expect(json.machine.memory_gib).toBe(24);
});

describe('the section of a page', () => {
  const page = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n';

  test('is replaced, and again, and nothing else is touched', () => {
    const once = withSection(page, 'new $& table');
    expect(once).toBe('before\n<!-- bench: begin -->\nnew $& table\n<!-- bench: end -->\nafter\n');
    expect(withSection(once, 'old')).toBe(page);
  });

  test('has a name, where a page has several', () => {
    const other = '<!-- bench-more: begin -->\nold\n<!-- bench-more: end -->\n';
    expect(withSection(page + other, 'new', 'bench-more')).toBe(page + other.replace('old', 'new'));
    expect(withSection(other + page, 'new')).toBe(other + page.replace('old', 'new'));
  });

  test('must be there', () => {
    expect(() => withSection('<!-- bench: end --> <!-- bench: begin -->', '')).toThrow('bench: begin');
  });
});
