import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNodeName } from '../../../src/names/node-name.ts';
import { testClusters } from '../../clusters/create-cluster.ts';
import { makeFakeNodes } from '../../clusters/fake-nodes.ts';
import { freshInstance, workspace } from '../../fresh-names.ts';
import { docker } from '../harness/docker.ts';
import { eventually, PATIENCE } from '../harness/eventually.ts';
import { OWN_ENGINE_POSSIBLE, OWN_ENGINE_WITHIN, OwnEngine } from '../harness/own-engine.ts';
import { WHOAMI_IMAGE } from '../harness/set-up.ts';

const CONTROL = 'would-be-started';

/** Docker's own part in it: the nodes have no Kubernetes in them. */
describe.runIf(OWN_ENGINE_POSSIBLE)('an agent that was taken down', () => {
  const key = workspace('alice', 'k3s');
  const instance = freshInstance();
  const folder = mkdtempSync(join(tmpdir(), 'taken-down-'));
  let engine: OwnEngine;

  beforeAll(async () => {
    const image = join(folder, 'image.tar');
    await docker(['save', '--output', image, WHOAMI_IMAGE]);
    engine = await OwnEngine.start();
    await docker(['load', '--input', image]);
    await makeFakeNodes(instance, key, ['server-0', 'agent-0', 'agent-1']);
    await docker([
      'run',
      '--detach',
      '--network',
      'none',
      '--restart',
      'unless-stopped',
      '--name',
      CONTROL,
      WHOAMI_IMAGE,
    ]);
    const agent = parseNodeName('agent-0');
    if (agent === undefined) throw new Error('no node name');
    await testClusters(instance, folder).stopNode(key, agent, AbortSignal.timeout(PATIENCE));
  }, OWN_ENGINE_WITHIN);
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('stays so when the engine is restarted, which starts what it is to start', async () => {
    await engine.stopDaemon();
    await engine.startDaemon();
    const clusters = testClusters(instance, folder);
    const nodes = await clusters.nodes(key, AbortSignal.timeout(PATIENCE));
    expect(nodes.map(({ state }) => state)).toEqual(['stopped', 'taken_down', 'stopped']);
    const runs = async () =>
      /^running/.test(await docker(['inspect', '--format', '{{.State.Status}}', CONTROL]));
    await eventually(runs, { what: 'what is to start with the engine runs' });
  });
});
