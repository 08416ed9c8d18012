import { expect, test } from 'vitest';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { loadSettings } from './settings.ts';

test('without a configuration there are the labs that come with the factory, and k3s is where the person lands', async () => {
  const surroundings = {
    env: {},
    workingFolder: '/nowhere',
    home: '/nowhere',
    login: 'alice',
    say: () => undefined,
    complain: () => undefined,
  };
  const { config, labs } = await loadSettings(undefined, surroundings);
  expect(config.groups).toEqual([
    {
      ...PLAIN_GROUP,
      name: 'owner',
      role: 'admin',
      members: ['alice'],
      labs: ['debian', 'k3s'],
      defaultLab: 'k3s',
    },
  ]);
  expect(labs.all().map(({ name, cluster }) => [name, cluster !== undefined])).toEqual([
    ['debian', false],
    ['k3s', true],
  ]);
});
