import { expect, test } from 'vitest';
import type { GroupConfig } from '../config/factory-config.ts';
import { highestRole, type Role } from '../names/role.ts';
import { parseUsername } from '../names/username.ts';
import { startProcessorTime } from '../time/testing/processor-time.ts';
import { fixedGroups } from './groups.ts';
import { standingOf } from './standing.ts';
import { PLAIN_GROUP } from './testing/plain-group.ts';

const ALICE = parseUsername('alice') ?? expect.fail();
const BOB = parseUsername('bob') ?? expect.fail();

function group(name: string, role: Role, members: GroupConfig['members']): GroupConfig {
  return { ...PLAIN_GROUP, name, role, members, labs: [], defaultLab: undefined };
}

test('somebody has the names of their groups, in the order of the file, and the highest of the roles', () => {
  const groups = fixedGroups([
    group('all', 'student', ['*']),
    group('helpers', 'instructor', [BOB, ALICE]),
    group('bosses', 'admin', [BOB]),
    group('class', 'student', [ALICE]),
  ]);
  expect(standingOf(ALICE, groups)).toEqual({ groups: ['all', 'helpers', 'class'], role: 'instructor' });
  expect(standingOf(BOB, groups)).toEqual({ groups: ['all', 'helpers', 'bosses'], role: 'admin' });
  expect(standingOf(ALICE, fixedGroups([]))).toEqual({ groups: [], role: 'student' });
});

test.each<[readonly Role[], Role]>([
  [[], 'student'],
  [['student', 'admin', 'instructor'], 'admin'],
  [['instructor', 'student'], 'instructor'],
])('the highest of %j is %s', (roles, highest) => {
  expect(highestRole(roles)).toBe(highest);
});

test('a school of groups is asked about thousands of times while somebody waits', () => {
  const names = Array.from({ length: 10_000 }, (_, at) => parseUsername(`student-${at}`) ?? expect.fail());
  const groups = fixedGroups(
    Array.from({ length: 200 }, (_, at) => group(`group-${at}`, 'student', names.slice(at))),
  );
  const asked = names.slice(-2_000);
  const worked = startProcessorTime();
  const found = asked.map((user) => groups.of(user).length);
  // To go through the members takes about 15 ms a question.
  expect(worked()).toBeLessThan(5_000);
  expect(found).toEqual(asked.map(() => 200));
  expect(groups.of(ALICE)).toEqual([]);
});
