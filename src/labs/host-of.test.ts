import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { createHostOf } from './host-of.ts';
import { createLabCatalogue } from './lab-catalogue.ts';
import { createTemplateLabs } from './template-labs.ts';
import { labFolder } from './testing/lab-folder.ts';
import { labNamed } from './testing/lab-named.ts';

const standingOf = () => ({ groups: [], role: 'student' }) as const;

function keyOf(userText: string, labText: string): WorkspaceKey {
  const [user, lab] = [parseUsername(userText), parseLabName(labText)];
  if (user === undefined || lab === undefined) throw new Error(`${userText}/${labText} is no workspace`);
  return { user, lab };
}

test('a host is what the lab says, below the domain; of a lab that is gone or not valid it is the own one of its user', () => {
  const valid = { ...labNamed('k3s'), routes: { host: 'k3s.alice' } };
  const hostOf = createHostOf(
    {
      resolve: ({ lab }) => {
        if (lab === 'broken') throw new FactoryError('LAB_INVALID', 'It is not valid.');
        return lab === 'k3s' ? valid : undefined;
      },
    },
    'lab.example.org',
  );
  expect(hostOf(keyOf('alice', 'k3s'))).toBe('k3s.alice.lab.example.org');
  expect(hostOf(keyOf('alice', 'gone'))).toBe('alice.lab.example.org');
  expect(hostOf(keyOf('alice', 'broken'))).toBe('alice.lab.example.org');
});

test("a user's host is a DNS name that is neither another user's nor below it", async () => {
  await using labs = await labFolder();
  const templates = await labs.load(
    'container: { image: a }\nroutes: { host: "{{ lab }}.{{ username }}" }\n',
  );
  const name = fc.stringMatching(/^[a-z0-9]{1,4}(-[a-z0-9]{1,4}){0,2}$/);
  const catalogues = fc.constantFrom(templates, createLabCatalogue([labNamed('lab')]));
  fc.assert(
    fc.property(name, name, catalogues, catalogues, (one, other, first, second) => {
      fc.pre(one !== other);
      const [own, others] = (
        [
          [first, one],
          [second, other],
        ] as const
      ).map(([catalogue, user]) => {
        const resolver = createTemplateLabs({ catalogue, domain: 'lab.example.org', standingOf });
        return createHostOf(resolver, 'lab.example.org')(keyOf(user, 'lab'));
      });
      expect(own).toMatch(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,2}lab\.example\.org$/);
      expect(own).not.toBe(others);
      expect(own?.endsWith(`.${others}`)).toBe(false);
    }),
  );
});
