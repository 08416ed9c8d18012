import { expect, test } from 'vitest';
import type { InstanceObject } from '../../inventory/instance-objects.ts';
import { type LabName, parseLabName } from '../../names/lab-name.ts';
import { parseUsername } from '../../names/username.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Judgement } from '../judgement.ts';
import { judgeLeftovers } from './leftovers.ts';

function key(user: string, lab = 'k3s'): WorkspaceKey {
  const [username, labName] = [parseUsername(user), parseLabName(lab)];
  if (username === undefined || labName === undefined) throw new Error(`${user}/${lab} is no workspace`);
  return { user: username, lab: labName };
}

function object(kind: InstanceObject['kind'], role: string, of?: WorkspaceKey): InstanceObject {
  return { kind, role, name: `${role}-of-${of?.user ?? 'nobody'}`, key: of, madeAt: 0, state: '' };
}

const ALICE = [
  object('container', 'container', key('alice')),
  object('container', 'node', key('alice')),
  object('volume', 'home', key('alice')),
  object('network', 'network', key('alice')),
];
const TRAEFIK = object('container', 'traefik');

function judge(objects: readonly InstanceObject[], records: readonly WorkspaceKey[] = []): Judgement {
  return judgeLeftovers(objects, objects, records, (lab: LabName) => lab === 'k3s');
}

test('whole workspaces and Traefik are no leftovers', () => {
  expect(judge([])).toMatchObject({ verdict: 'right' });
  expect(judge([...ALICE, TRAEFIK])).toMatchObject({ verdict: 'right' });
});

test('a workspace without a container is one while it has its cluster', () => {
  expect(judge(ALICE.slice(1))).toMatchObject({ verdict: 'right' });
});

test('home and network of nobody are named, with what removes them', () => {
  const found = judge([
    ...ALICE,
    object('volume', 'home', key('bob')),
    object('network', 'network', key('bob')),
  ]);
  expect(found).toMatchObject({
    verdict: 'doubtful',
    remedy: [
      'docker volume rm home-of-bob   # with all files of bob in it',
      'docker network rm network-of-bob',
    ],
  });
  expect(found.text).toContain('bob/k3s');
  expect(found.text).not.toContain('alice');
});

test('so are a workspace of a lab that is gone, a creation that was cut off, and a doctor that was killed', () => {
  expect(judge([object('container', 'container', key('alice', 'old'))])).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('no lab "old"'),
  });
  expect(judge([], [key('carol')])).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('carol/k3s'),
  });
  expect(judge([object('container', 'doctor')])).toMatchObject({
    verdict: 'doubtful',
    remedy: ['docker container rm --force --volumes doctor-of-nobody'],
  });
});

test('what is just being made is not judged', () => {
  const home = object('volume', 'home', key('bob'));
  expect(judgeLeftovers([], [home], [], () => true)).toMatchObject({ verdict: 'right' });
});
