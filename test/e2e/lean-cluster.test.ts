import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { request } from './harness/http-request.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import { section } from './harness/sections.ts';
import { PROJECT, WHOAMI_IMAGE } from './harness/set-up.ts';

const SAYS = 'no ingress was needed';

/** It has port 80 of the node to itself. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    containers: [
      {
        name: 'app',
        image: WHOAMI_IMAGE,
        imagePullPolicy: 'IfNotPresent',
        env: [{ name: 'WHOAMI_NAME', value: SAYS }],
        ports: [{ containerPort: 80, hostPort: 80 }],
      },
    ],
  },
};

test('the lean cluster of docs/operate.md is of use, and its host leads to whatever has port 80 of its node', async (context) => {
  const page = section(await readFile(join(PROJECT, 'docs/operate.md'), 'utf8'), 'How many fit');
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  await using factory = await Factory.start({
    grace: '1s',
    labs: { k3s: { ...CLUSTER_LAB, ...parse(yaml) } },
  });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await using session = await alice.hold();
  await clusterOfUse(alice);

  const web = { url: `http://alice.${factory.domain}/`, at: factory.endpoints.routes.http };
  await eventually(async () => (await request(web)).status === 502, {
    what: 'nothing listens in the cluster',
  });
  await kubectl(alice, 'apply -f -', stringify(POD));
  await eventually(async () => (await request(web)).body.includes(SAYS), {
    what: 'the pod answers',
  });
  expect(await kubectl(alice, 'get pods -A -o name')).not.toContain('traefik');
  await session.logOut();
});
