import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { formatBytes } from '../words/amounts.ts';
import { MOMENT } from './check.ts';
import { ACME_CLOCK_WRONG } from './checks/acme.ts';
import { ACCOUNTS_AT_ONCE, CERTIFICATES_A_WEEK } from './checks/acme-limits.ts';
import { ENDS_SOON } from './checks/certificates.ts';
import { CLOCK_DOUBTFUL, CLOCK_WRONG } from './checks/clock.ts';
import { CONNTRACK_DOUBTFUL, CONNTRACK_WRONG } from './checks/conntrack.ts';
import { DATA_DISK_DOUBTFUL, DATA_DISK_WRONG } from './checks/data-disk.ts';
import { FEW_ON_DISK } from './checks/disk.ts';
import { OLDEST_ENGINE } from './checks/engine.ts';
import { ENOUGH_INSTANCES, ENOUGH_WATCHES } from './checks/inotify.ts';
import { TRIED_K3D } from './checks/k3d.ts';
import { FEW_IN_MEMORY } from './checks/memory.ts';
import { OLDEST_NODE } from './checks/node-version.ts';
import { FEW_FILES, TOO_FEW_FILES } from './checks/open-files.ts';
import { FEW_IN_POOL } from './checks/subnets.ts';
import { CHECKS, type CheckName, PUBLIC_CHECKS } from './checks.ts';
import { CLUSTER_COST } from './costs.ts';
import { PUBLIC_PORT } from './outside/front-doors.ts';

/** A row of the table in docs/doctor.md. */
interface Row {
  readonly check: string;
  readonly needs: string;
  readonly looksAt: string;
  readonly limits: string;
  readonly remedy: string;
}

async function documentedRows(): Promise<readonly Row[]> {
  const page = await readFile(new URL('../../docs/doctor.md', import.meta.url), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [before, check = '', needs = '', looksAt = '', limits = '', remedy = '', after] = line
      // A vertical bar that is code is written \|.
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    const name = /^`(.+)`$/.exec(check)?.[1];
    if (before !== '' || after !== '' || name === undefined) return [];
    return [{ check: name, needs, looksAt, limits, remedy }];
  });
}

describe('docs/doctor.md', () => {
  test('lists every check once and in the order of the report, with whether it needs an engine', async () => {
    const documented = (await documentedRows()).map(({ check, needs }) => [check, needs]);
    expect(documented).toEqual(
      Object.entries({ ...CHECKS, ...PUBLIC_CHECKS }).map(([name, { needs }]) => [
        name,
        needs === 'engine' ? 'engine' : '–',
      ]),
    );
  });

  test('says of every check what it looks at, when it is right, and what to type', async () => {
    const rows = await documentedRows();
    expect(rows.filter((row) => Object.values(row).includes(''))).toEqual([]);
  });

  test.each<[CheckName, readonly (string | number)[]]>([
    ['node-version', [OLDEST_NODE.join('.')]],
    ['engine', [OLDEST_ENGINE.join('.')]],
    ['disk', [FEW_ON_DISK, `${CLUSTER_COST.disk / 10 ** 6} MB`]],
    ['memory', [FEW_IN_MEMORY, formatBytes(CLUSTER_COST.memory)]],
    ['inotify', [ENOUGH_INSTANCES, ENOUGH_WATCHES, CLUSTER_COST.inotifyInstances]],
    ['conntrack', [`${CONNTRACK_DOUBTFUL * 100} %`, `${CONNTRACK_WRONG * 100} %`]],
    ['open-files', [FEW_FILES, TOO_FEW_FILES]],
    ['subnets', [FEW_IN_POOL]],
    ['k3d', [`v${TRIED_K3D.join('.')}`, `v${TRIED_K3D[0]}`]],
    ['clock', [`${CLOCK_DOUBTFUL / 1000} s`, `${CLOCK_WRONG / 60_000} min`]],
    ['data-disk', [formatBytes(DATA_DISK_DOUBTFUL), formatBytes(DATA_DISK_WRONG)]],
    ['acme', [`${ACME_CLOCK_WRONG / 1000} s`]],
    ['certificates', [`${ENDS_SOON / 86_400_000} days`]],
    ['acme-limits', [CERTIFICATES_A_WEEK, ACCOUNTS_AT_ONCE]],
    ['public-ports', [PUBLIC_PORT.http, PUBLIC_PORT.https]],
  ])('tells the limits of %s as they are', async (check, limits) => {
    const row = (await documentedRows()).find((one) => one.check === check);
    const words = `${row?.looksAt} ${row?.limits}`.split(/\.?[\s,;:()]+/).join(' ');
    for (const limit of limits) expect(` ${words} `).toContain(` ${limit} `);
  });
});

test('no check has less time than a busy machine takes for a moment', () => {
  const short = Object.entries({ ...CHECKS, ...PUBLIC_CHECKS }).filter(([, { limit }]) => limit < MOMENT);
  expect(short.map(([name]) => name)).toEqual([]);
});

test('the oldest Node is the one of package.json', async () => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text).engines.node).toBe(`>=${OLDEST_NODE.join('.')}`);
});
