import { expect, test } from 'vitest';
import type { EngineInfo } from '../engine-answer.ts';
import { judgeEngine } from './engine.ts';

const KERNEL = '6.1.0-13-amd64';
const GOOD: EngineInfo = {
  ServerVersion: '28.2.2',
  Driver: 'overlay2',
  CgroupVersion: '2',
  DockerRootDir: '/var/lib/docker',
  KernelVersion: KERNEL,
  SystemTime: '2026-01-01T00:00:00Z',
  SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin'],
};

test.each<[string, Partial<EngineInfo>, string]>([
  ['a good one', {}, 'right'],
  ['the oldest', { ServerVersion: '20.10.0' }, 'right'],
  ['an older one', { ServerVersion: '19.03.15' }, 'wrong'],
  ['one that does not say', { ServerVersion: '' }, 'doubtful'],
  ['one in another machine', { KernelVersion: '6.10.14-linuxkit' }, 'doubtful'],
  ['a rootless one', { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] }, 'doubtful'],
  ['one without security options', { SecurityOptions: null }, 'right'],
])('%s', (_, more, verdict) => {
  expect(judgeEngine({ ...GOOD, ...more }, KERNEL).verdict).toBe(verdict);
});
