import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { comesBack } from '../soak/comes-back.ts';
import { docker } from './harness/docker.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import { Workspace } from './harness/workspace.ts';

test('a cluster comes back from 25 suspends, 6 that cross with the waking of another, and 10 stops', {
  // Some seven minutes where others are at work, and a limit is for what hangs.
  timeout: 25 * 60_000,
}, async (context) => {
  await comesBack({ suspends: 19, crossings: 6, stops: 10 }, context);
});

test('the kubeconfig in the container is the one that k3s has written, whoever started the node', async (context) => {
  await using factory = await Factory.start({ grace: '2s', stopAfter: '1s' });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  const workspace = new Workspace(factory, 'alice');
  const inLab = () =>
    kubectl(alice, `config view --raw -o jsonpath='{.users[0].user.client-certificate-data}'`);
  const inNode = async () => {
    const kubeconfig = parse(await workspace.inNode('cat', '/output/kubeconfig.yaml'));
    return kubeconfig.users[0].user['client-certificate-data'];
  };
  const isRenewed = (before: string) =>
    eventually(async () => (await inLab()) !== before && (await inLab()) === (await inNode()), {
      what: 'the container has the new access',
      within: 180_000,
      every: 500,
    });

  const session = await alice.hold();
  await clusterOfUse(alice);
  const first = await inLab();
  expect(first).toBe(await inNode());

  await docker(['restart', (await workspace.node()).Id]);
  await isRenewed(first);
  await clusterOfUse(alice);
  const second = await inLab();

  await session.logOut();
  await workspace.becomes('exited');
  await using again = await alice.hold();
  await clusterOfUse(alice);
  await isRenewed(second);
  await again.logOut();
});
