import { describe, expect, test } from 'vitest';
import type { GroupConfig } from '../config/factory-config.ts';
import { fixedGroups } from '../groups/groups.ts';
import { PLAIN_GROUP } from '../groups/testing/plain-group.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseLogin } from '../names/login.ts';
import { parseUsername } from '../names/username.ts';
import { createLabAccess } from './lab-access.ts';
import { createLabCatalogue } from './lab-catalogue.ts';
import { labNamed } from './testing/lab-named.ts';

const LABS = ['k3s', 'plain', 'secret'].map(labNamed);

function resolve(login: string, groups: readonly GroupConfig[]) {
  const parsed = parseLogin(login);
  if (parsed === undefined) throw new Error(`${login} is no login`);
  return createLabAccess(fixedGroups(groups), createLabCatalogue(LABS)).resolve(parsed);
}

function group(members: readonly string[], labs: readonly string[], defaultLab = ''): GroupConfig {
  return {
    ...PLAIN_GROUP,
    name: members.join(),
    members: members.flatMap((name) => (name === '*' ? '*' : (parseUsername(name) ?? []))),
    labs: labs.flatMap((name) => parseLabName(name) ?? []),
    defaultLab: parseLabName(defaultLab),
  };
}

describe('a login without a lab', () => {
  test('leads to the only one', () => {
    expect(resolve('alice', [group(['alice'], ['k3s'])])).toMatchObject({
      kind: 'lab',
      key: { user: 'alice', lab: 'k3s' },
      lab: { name: 'k3s' },
    });
  });

  test('has the choice where there are several: of every group, in the order of the groups, none twice', () => {
    const groups = [group(['alice'], ['plain', 'k3s']), group(['bob'], ['secret']), group(['*'], ['k3s'])];
    expect(resolve('alice', groups)).toMatchObject({
      kind: 'choose',
      labs: [{ name: 'plain' }, { name: 'k3s' }],
    });
  });

  test('leads to the default of the first of their groups that has one', () => {
    const groups = [
      group(['bob'], ['secret'], 'secret'),
      group(['alice'], ['plain', 'k3s']),
      group(['*'], ['plain', 'k3s'], 'k3s'),
      group(['alice'], ['plain'], 'plain'),
    ];
    expect(resolve('alice', groups)).toMatchObject({
      kind: 'lab',
      key: { user: 'alice', lab: 'k3s' },
      others: ['plain'],
    });
    expect(resolve('alice/plain', groups)).toMatchObject({ kind: 'lab', lab: { name: 'plain' } });
    expect(resolve('bob', groups)).toMatchObject({ kind: 'lab', lab: { name: 'secret' } });
    expect(resolve('carol', groups.toSpliced(2, 1))).toMatchObject({ kind: 'refused' });
  });

  test('leads to the only one though two groups have it', () => {
    const groups = [group(['alice'], ['k3s']), group(['*'], ['k3s'])];
    expect(resolve('alice', groups)).toMatchObject({ kind: 'lab', lab: { name: 'k3s' } });
  });
});

describe('a login with a lab', () => {
  const groups = [group(['alice'], ['k3s', 'plain']), group(['bob'], ['secret'])];

  test('leads to it', () => {
    expect(resolve('alice/plain', groups)).toMatchObject({
      kind: 'lab',
      key: { user: 'alice', lab: 'plain' },
    });
  });

  test("is refused for others' labs in the words for labs that do not exist", () => {
    const refusal = (lab: string) => {
      const decision = resolve(`alice/${lab}`, groups);
      return decision.kind === 'refused' ? decision.message.replaceAll(lab, '…') : decision;
    };
    expect(refusal('secret')).toBe('There is no lab … for alice. You may use: k3s, plain.');
    expect(refusal('nothing')).toBe(refusal('secret'));
  });
});

test('whoever is in no group is refused, with a lab and without', () => {
  const groups = [group(['bob'], ['k3s'])];
  for (const login of ['alice', 'alice/k3s']) {
    expect(resolve(login, groups)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('instructor'),
    });
  }
});
