import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALICE, GatewayUnderTest } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
  it.workspaces.openSshd = () => Promise.reject(new Error('the SSH server is gone'));
});
afterAll(() => it[Symbol.asyncDispose]());

test('@help lists all, and an unknown command does too', async () => {
  const help = await it.ssh([ALICE, '@help']);
  expect(help.stdout).toMatch(/@status.*@kubeconfig.*@rescue.*@reset/s);
  const unknown = await it.ssh([ALICE, '@nothing']);
  expect({ stdout: unknown.stdout, exitCode: unknown.exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(unknown.stderr).toContain('@rescue');
});

test('@kubeconfig puts nothing but the kubeconfig on stdout', async () => {
  it.workspaces.phases = {
    cluster: {
      kind: 'working',
      action: 'create',
      step: 'pulling',
      since: Date.now(),
      overdueAt: Number.POSITIVE_INFINITY,
    },
  };
  const { stdout, stderr } = await it.ssh([ALICE, '@kubeconfig']);
  expect(stdout).toBe('apiVersion: v1\nkind: Config');
  expect(stderr).toContain('cluster: pulling');
});

test('@rescue is a shell without the SSH server, with its input, status and a command if wanted', async () => {
  const shell = await it.ssh([ALICE, '@rescue'], { input: 'echo from the shell; exit 4\n' });
  expect(shell).toMatchObject({ stdout: 'from the shell', exitCode: 4 });
  const command = await it.ssh([ALICE, '@rescue', 'echo', 'one;', 'echo err >&2;', 'exit 6']);
  expect(command).toMatchObject({ stdout: 'one', stderr: 'err', exitCode: 6 });
});

test('@reset without a terminal asks for --yes, and then does it', async () => {
  const asked = await it.ssh([ALICE, '@reset']);
  expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('@reset --yes') });
  expect(it.workspaces.resets).toHaveLength(0);
  expect(await it.ssh([ALICE, '@reset', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(it.workspaces.resets).toHaveLength(1);
});

test.each([
  ['y', 1, 'The container is new'],
  ['n', 0, 'Nothing was changed'],
  ['\r', 0, 'Nothing was changed'],
])('@reset on a terminal, answered with %j', async (answer, resets, text) => {
  const before = it.workspaces.resets.length;
  const { stdout } = await execa('ssh', ['-tt', ...it.options(), '-p', it.port, ALICE, '@reset'], {
    reject: false,
    input: answer,
  });
  expect(stdout).toContain(text);
  expect(it.workspaces.resets.length - before).toBe(resets);
});

test('@status tells of container, cluster and URLs', async () => {
  it.workspaces.phases = { cluster: { kind: 'ready' } };
  const { stdout } = await it.ssh([ALICE, '@status']);
  expect(stdout).toMatch(
    /alice\/k3s\ncontainer +ready\ncluster +ready\nurls +http:\/\/alice\.lab\.example\.org/,
  );
});
