import { describe, expect, test } from 'vitest';
import type { Judgement } from '../judgement.ts';
import { judgeCgroup } from './cgroup.ts';
import { judgeClock } from './clock.ts';
import { judgeConntrack } from './conntrack.ts';
import { judgeDataDisk } from './data-disk.ts';
import { judgeDisk } from './disk.ts';
import { judgeInotify } from './inotify.ts';
import { judgeK3d } from './k3d.ts';
import { judgeMemory } from './memory.ts';
import { judgeNativeSsh } from './native-ssh.ts';
import { judgeNodeVersion } from './node-version.ts';
import { judgeOpenFiles, parseOpenFiles } from './open-files.ts';
import { judgeOwnKeys } from './own-keys.ts';
import { judgeStorageDriver } from './storage-driver.ts';
import { judgePool } from './subnets.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const CLUSTER = 575 * 10 ** 6;

function pool(free: number, ...neighbours: string[]): Judgement {
  return judgePool('10.209.0.0/24', { total: 16, free, neighbours });
}

function clockOff(...seconds: (number | undefined)[]): Judgement {
  return judgeClock(seconds.map((s) => ({ name: 'github.com', offset: s === undefined ? s : s * 1000 })));
}

/** The last one that is right, and the first that is not, and so on: each limit from both sides. */
test.each<[string, Judgement, Judgement['verdict']]>([
  ['Node 22.19', judgeNodeVersion('22.19.0'), 'right'],
  ['Node 22.18', judgeNodeVersion('22.18.9'), 'wrong'],
  ['overlay2', judgeStorageDriver('overlay2'), 'right'],
  ['overlayfs', judgeStorageDriver('overlayfs'), 'right'],
  ['btrfs', judgeStorageDriver('btrfs'), 'doubtful'],
  ['vfs', judgeStorageDriver('vfs'), 'wrong'],
  ['cgroup 2', judgeCgroup('2'), 'right'],
  ['cgroup 1', judgeCgroup('1'), 'doubtful'],
  ['cgroup unknown', judgeCgroup(''), 'doubtful'],
  ['disk for 5 clusters', judgeDisk(5 * GiB + 5 * CLUSTER, 5 * GiB), 'right'],
  ['disk for 4 clusters', judgeDisk(5 * GiB + 5 * CLUSTER - 1, 5 * GiB), 'doubtful'],
  ['disk at its minimum', judgeDisk(5 * GiB, 5 * GiB), 'doubtful'],
  ['disk below its minimum', judgeDisk(5 * GiB - 1, 5 * GiB), 'wrong'],
  ['disk not of this machine', judgeDisk(undefined, 5 * GiB), 'doubtful'],
  ['memory for 2 clusters', judgeMemory(1080 * MiB, 0), 'right'],
  ['memory for 1 cluster', judgeMemory(1080 * MiB - 1, 7), 'doubtful'],
  ['memory for none', judgeMemory(540 * MiB - 1, 7), 'wrong'],
  ['inotify as set-up leaves it', judgeInotify(1024, 65_536), 'right'],
  ['inotify of an older kernel', judgeInotify(128, 65_536), 'doubtful'],
  ['few watches', judgeInotify(1024, 8192), 'doubtful'],
  ['inotify for no cluster', judgeInotify(14, 65_536), 'wrong'],
  ['no inotify', judgeInotify(undefined, undefined), 'right'],
  ['conntrack quiet', judgeConntrack(1000, 699), 'right'],
  ['conntrack filling', judgeConntrack(1000, 700), 'doubtful'],
  ['conntrack nearly full', judgeConntrack(1000, 900), 'wrong'],
  ['no conntrack', judgeConntrack(undefined, undefined), 'right'],
  ['conntrack without a limit', judgeConntrack(0, 900), 'right'],
  ['4096 open files', judgeOpenFiles(4096), 'right'],
  ['1024 open files', judgeOpenFiles(1024), 'doubtful'],
  ['255 open files', judgeOpenFiles(255), 'wrong'],
  ['open files without a limit', judgeOpenFiles(undefined), 'right'],
  ['networks for 4 workspaces', pool(8), 'right'],
  ['networks for 3 workspaces', pool(7), 'doubtful'],
  ['one network', pool(1), 'wrong'],
  ['a neighbour in the pool', pool(12, 'a route of this host (10.209.0.0/26)'), 'doubtful'],
  ['k3d 5.9', judgeK3d('k3d version v5.9.0\nk3s version v1.35.0-k3s1 (default)\n'), 'right'],
  ['k3d 5.8', judgeK3d('k3d version v5.8.3\n'), 'doubtful'],
  ['k3d 4', judgeK3d('k3d version v4.4.8\n'), 'wrong'],
  ['k3d 6', judgeK3d('k3d version v6.0.0\n'), 'wrong'],
  ['k3d built by hand', judgeK3d('k3d version dev\n'), 'doubtful'],
  ['a clock 30 s off', clockOff(30, 0), 'right'],
  ['a clock 31 s off', clockOff(0, -31), 'doubtful'],
  ['a clock 301 s off', clockOff(301, 0), 'wrong'],
  ['nobody to compare with', clockOff(undefined), 'doubtful'],
  ['1 GiB for the data folder', judgeDataDisk('/data', GiB), 'right'],
  ['less than 1 GiB', judgeDataDisk('/data', GiB - 1), 'doubtful'],
  ['less than 100 MiB', judgeDataDisk('/data', 100 * MiB - 1), 'wrong'],
  ['the addon', judgeNativeSsh(true), 'right'],
  ['no addon', judgeNativeSsh(false), 'doubtful'],
  ['a key', judgeOwnKeys('alice', 1), 'right'],
  ['no key', judgeOwnKeys('alice', 0), 'doubtful'],
  ['keys that nobody could tell', judgeOwnKeys('alice', undefined), 'doubtful'],
])('%s', (_, judgement, verdict) => {
  expect(judgement.verdict).toBe(verdict);
  if (judgement.verdict !== 'right') expect(judgement.remedy).not.toEqual([]);
});

describe('the words', () => {
  test('of inotify say how to raise the limit and how to keep it', () => {
    expect(judgeInotify(128, 65_536)).toMatchObject({
      text: '128 inotify instances are enough for 8 clusters at most',
      remedy: [
        'sudo sysctl -w fs.inotify.max_user_instances=1024',
        expect.stringContaining('fs.inotify.max_user_instances=1024 | sudo tee -a /etc/sysctl.d/'),
      ],
    });
  });

  test('of the clock say which way it is off', () => {
    expect(clockOff(3600).text).toBe("this machine's clock is 60 min behind that of github.com");
    expect(clockOff(-45).text).toBe("this machine's clock is 45 s ahead of that of github.com");
  });

  test('of disk and memory count clusters', () => {
    expect(judgeDisk(5 * GiB + 12 * CLUSTER, 5 * GiB).text).toContain('room for 12 new clusters');
    expect(judgeMemory(20 * GiB, 3).text).toContain('room for 37 more clusters beside the 3');
  });
});

test('the limit of open files is the soft one', () => {
  const limits =
    'Max cpu time  unlimited  unlimited  seconds\nMax open files            1024    524288    files\n';
  expect(parseOpenFiles(limits)).toBe(1024);
  expect(parseOpenFiles('Max open files  unlimited  unlimited  files\n')).toBeUndefined();
});
