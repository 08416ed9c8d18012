import { expect, test } from 'vitest';
import { FakeClusters } from '../api/testing/fake-clusters.ts';
import type { GroupConfig } from '../config/factory-config.ts';
import type { Knowledge } from '../identity/identity.ts';
import { createReservation } from '../identity/reservation.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import type { WorkspaceCommand } from '../workspaces/workspace-command.ts';
import { createAdmission } from './admission.ts';
import { fixedGroups } from './groups.ts';
import { PLAIN_GROUP } from './testing/plain-group.ts';

const keyOf = (user: string) => parseWorkspaceKey(user, 'k3s') ?? expect.fail();
const ALICE = keyOf('alice');

function group(members: GroupConfig['members'], lab = 'k3s'): GroupConfig {
  const labs = [parseLabName(lab) ?? expect.fail()];
  return { ...PLAIN_GROUP, name: 'a', members, labs, defaultLab: undefined };
}

const KNOWN: Knowledge = { kind: 'known', source: 'x', editHint: '', keys: [], keysArePublic: false };
const UNAVAILABLE: Knowledge = { kind: 'unavailable', source: 'github.com', errorId: 'e' };

/** What comes of an order to make alice/k3s, and who was asked of her. */
async function order(
  groups: readonly GroupConfig[],
  knowledge: Knowledge,
  command: WorkspaceCommand = { kind: 'start' },
  isThere = false,
  reserved: readonly string[] = [],
) {
  const asked: string[] = [];
  const clusters = new FakeClusters();
  if (isThere) clusters.add(ALICE);
  const admit = createAdmission({
    groups: fixedGroups(groups),
    identity: {
      lookup: async (user) => {
        asked.push(user);
        return knowledge;
      },
    },
    reservation: createReservation(new Set(reserved)),
    snapshot: () => clusters.snapshot(ALICE),
  });
  const error: unknown = await admit(ALICE, command, new AbortController().signal).catch(
    (thrown: unknown) => thrown,
  );
  return { code: error === undefined ? 'admitted' : Reflect.get(Object(error), 'code'), asked };
}

test.each<[string, GroupConfig[], Knowledge, string, string[]]>([
  [
    'somebody who is named has one made, whatever the sources know',
    [group([ALICE.user])],
    UNAVAILABLE,
    'admitted',
    [],
  ],
  ['of everybody a source must know them', [group(['*'])], KNOWN, 'admitted', ['alice']],
  ['nobody knows them', [group(['*'])], { kind: 'unknown' }, 'USER_UNKNOWN', ['alice']],
  ['nobody can say', [group(['*'])], UNAVAILABLE, 'IDENTITY_UNAVAILABLE', ['alice']],
  ['they are in no group', [group([keyOf('bob').user])], KNOWN, 'USER_UNKNOWN', []],
  ['their group has another lab', [group([ALICE.user, '*'], 'plain')], KNOWN, 'USER_UNKNOWN', []],
])('%s', async (_what, groups, knowledge, code, asked) => {
  expect(await order(groups, knowledge)).toEqual({ code, asked });
});

test.each<WorkspaceCommand>([{ kind: 'pin', until: 1 }, { kind: 'cluster_start' }])(
  '$kind makes one as well',
  async (command) => {
    expect((await order([], KNOWN, command)).code).toBe('USER_UNKNOWN');
  },
);

test('what makes none is not held up, and neither is what is there', async () => {
  expect((await order([], KNOWN, { kind: 'delete', home: false, endSessions: false })).code).toBe('admitted');
  expect((await order([], KNOWN, { kind: 'start' }, true)).code).toBe('admitted');
});

test.each([[false], [true]])(
  'of a reserved name nothing is made or woken, also where it is there (%s); it can be taken away',
  async (isThere) => {
    const named = [group([ALICE.user])];
    const about = (command: WorkspaceCommand) => order(named, KNOWN, command, isThere, ['alice']);
    expect(await about({ kind: 'start' })).toEqual({ code: 'USERNAME_RESERVED', asked: [] });
    expect((await about({ kind: 'delete', home: false, endSessions: false })).code).toBe('admitted');
    expect((await order(named, KNOWN, { kind: 'start' }, isThere, ['bob'])).code).toBe('admitted');
  },
);
