import { expect, test } from 'vitest';
import { fixedGroups } from '../groups/groups.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import type { UserDirectory } from '../identity/describe-user.ts';
import type { Known } from '../identity/identity.ts';
import { createReservation } from '../identity/reservation.ts';
import { username } from '../identity/testing/fixtures.ts';
import { makeTestKey } from '../identity/testing/test-keys.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import { createLabCatalogue } from '../labs/lab-catalogue.ts';
import { labNamed } from '../labs/testing/lab-named.ts';
import { plainLabs } from '../labs/testing/plain-labs.ts';
import { createWhoIs } from './who-is.ts';

test('of a name that is reserved the operator is told why no key of it does', async () => {
  const knowledge: Known = {
    kind: 'known',
    source: 'github.com',
    editHint: '',
    keys: [makeTestKey('ssh-ed25519').key],
    keysArePublic: true,
  };
  const reservation = createReservation(new Set(['www']));
  const directory: UserDirectory = {
    describe: async (user) => ({ knowledge, account: undefined, reserved: reservation(user) }),
  };
  const lab = labNamed('lab');
  const catalogue = createLabCatalogue([lab]);
  const groups = fixedGroups([
    { ...PLAIN_GROUP, name: 'all', members: ['*'], labs: [lab.name], defaultLab: undefined },
  ]);
  const whoIs = createWhoIs({
    directory,
    groups,
    labAccess: createLabAccess(groups, catalogue),
    labs: plainLabs(catalogue),
    places: () => ({
      inConfiguration: () => undefined,
      inLab: () => undefined,
      writtenInLab: () => undefined,
    }),
  });
  const loginOf = async (name: string) => (await whoIs(username(name), new AbortController().signal)).login;
  expect(await loginOf('www')).toEqual({
    outcome: 'refused',
    text: 'With one of the keys a login is refused: The name www is kept for something else here, so nobody gets in by it; ask your instructor for another one.',
  });
  expect(await loginOf('ww')).toMatchObject({ outcome: 'lab' });
});
