import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixedGroups } from '../groups/groups.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import type { Principal } from '../tokens/principal.ts';
import { ACCESS, decide } from './access.ts';
import { ENDPOINTS } from './endpoints.ts';
import { workspace } from './testing/fake-clusters.ts';
import { openApiDocument } from './testing/openapi-document.ts';

const anyKey = fc
  .tuple(fc.constantFrom('alice', 'bob', 'a-b'), fc.constantFrom('k3s', 'plain'))
  .map(([user, lab]) => workspace(user, lab));
const endpoint = fc.constantFrom(...ENDPOINTS);
const sessions = fc.nat({ max: 2 });
const anyGroups = fc.array(
  fc.record({
    name: fc.constantFrom('one', 'two', 'three'),
    members: fc.array(
      fc.oneof(
        anyKey.map(({ user }) => user),
        fc.constant('*' as const),
      ),
      { maxLength: 3 },
    ),
    labs: fc.array(
      anyKey.map(({ lab }) => lab),
      { maxLength: 2 },
    ),
    defaultLab: fc.constant(undefined),
    role: fc.constant(PLAIN_GROUP.role),
    roster: fc.constant(undefined),
    overrides: fc.constant(PLAIN_GROUP.overrides),
  }),
  { maxLength: 3 },
);
const names = fc.subarray(['one', 'two', 'three', 'gone']);

describe('whatever is asked', () => {
  test('a student has their own, while somebody is in it, and learns nothing of others', () => {
    fc.assert(
      fc.property(anyKey, anyKey, endpoint, sessions, anyGroups, (own, key, asked, count, groups) => {
        const isOwn = own.user === key.user && own.lab === key.lab;
        const decision = decide(
          { role: 'student', key: own },
          asked,
          { key, sessions: count },
          fixedGroups(groups),
        );
        expect(decision).toBe(isOwn ? (count > 0 ? 'allowed' : 'denied') : 'hidden');
      }),
    );
  });

  test('an instructor has the members of one of their groups in a lab of the same group', () => {
    fc.assert(
      fc.property(names, anyKey, endpoint, sessions, anyGroups, (own, key, asked, count, groups) => {
        const instructor: Principal = { role: 'instructor', name: 'grace', groups: own };
        const isTheirs = groups.some(
          ({ name, members, labs }) =>
            own.includes(name) &&
            labs.includes(key.lab) &&
            members.some((one) => one === '*' || one === key.user),
        );
        const decision = decide(instructor, asked, { key, sessions: count }, fixedGroups(groups));
        expect(decision).toBe(isTheirs ? 'allowed' : 'hidden');
      }),
    );
  });

  test('an admin has everything, a process of the factory nothing', () => {
    fc.assert(
      fc.property(anyKey, endpoint, sessions, anyGroups, (key, asked, count, groups) => {
        const of = (role: 'admin' | 'gateway') =>
          decide({ role, name: 'x' }, asked, { key, sessions: count }, fixedGroups(groups));
        expect([of('admin'), of('gateway')]).toEqual(['allowed', 'denied']);
      }),
    );
  });
});

test('docs/api.md has the table, and each operation with its path', async () => {
  const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| `(\w+) (\S+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$/gm)];
  const told = Object.fromEntries(
    rows.map(([, name = '', , , student, instructor, admin, gateway]) => [
      name,
      { student, instructor, admin, gateway },
    ]),
  );
  expect(told).toEqual(ACCESS);
  const { paths } = JSON.parse(JSON.stringify(await openApiDocument()));
  for (const [, name, method = '', path = ''] of rows) {
    expect(paths[`/api/v1${path}`]?.[method.toLowerCase()]?.operationId).toBe(name);
  }
});
