import { once } from 'node:events';
import { expect, test } from 'vitest';
import { formatWorkspaceKey } from '../../src/names/workspace-key.ts';
import { ALICE, GatewayUnderTest } from './gateway-under-test.ts';

test('@cluster hands its words on, for the workspace of the login; lines and status come back', async () => {
  await using it = await GatewayUnderTest.start({
    runCluster: async (key, args, { name, print, note }) => {
      print(`${name} of ${formatWorkspaceKey(key)}`);
      note(args.join('|'));
      return 3;
    },
  });
  expect(await it.ssh([ALICE, '@cluster', 'node  stop', 'agent-0'])).toEqual({
    stdout: '@cluster of alice/k3s',
    stderr: 'node|stop|agent-0',
    exitCode: 3,
  });
  expect((await it.ssh([ALICE, '@help'])).stdout).toMatch(/^ {2}@cluster +/m);
});

test('who goes ends their command', async () => {
  const ended = Promise.withResolvers<void>();
  await using it = await GatewayUnderTest.start({
    runCluster: async (_key, _args, { print, signal }) => {
      print('begun');
      if (!signal.aborted) await once(signal, 'abort');
      ended.resolve();
      return 130;
    },
  });
  const client = it.spawn([ALICE, '@cluster', 'start']);
  await once(client.stdout, 'data');
  client.kill('SIGKILL');
  await ended.promise;
});

test('a gateway without it has no such command', async () => {
  await using it = await GatewayUnderTest.start();
  expect(await it.ssh([ALICE, '@cluster', 'status'])).toMatchObject({ exitCode: 2, stdout: '' });
});
