import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import type { OpenChannel, OpenSession } from '../../src/workspaces/workspace-access.ts';
import { ALICE, GatewayUnderTest } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
  it.workspaces.openSshd = () => Promise.reject(new Error('the SSH server is gone'));
});
afterAll(() => it[Symbol.asyncDispose]());

test('@help lists all, and an unknown command does too', async () => {
  const help = await it.ssh([ALICE, '@help']);
  expect(help.stdout).toMatch(/@status.*@extend.*@kubeconfig.*@rescue.*@reset/s);
  const unknown = await it.ssh([ALICE, '@nothing']);
  expect({ stdout: unknown.stdout, exitCode: unknown.exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(unknown.stderr).toContain('@rescue');
});

test('who only gives commands to the gateway does not work in the workspace; who runs something in it does', async () => {
  const before = it.workspaces.uses;
  for (const command of ['@help', '@status', '@nothing']) await it.ssh([ALICE, command]);
  expect(it.workspaces.uses).toBe(before);
  await it.ssh([ALICE, 'true']);
  expect(it.workspaces.uses).toBe(before + 1);
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

test('@status names the sessions, how idle they are, and which one asks', async () => {
  const now = Date.now();
  const MINUTE = 60_000;
  const other: OpenSession = {
    holder: { session: 's1', clientAddress: '192.0.2.7:50122', clientProgram: 'SSH-2.0-OpenSSH_9.2p1' },
    client: 'VS Code',
    since: now - 180 * MINUTE,
    lastInput: now - 12 * MINUTE,
    channels: new Set([{ kind: 'command', name: '' } as const, { kind: 'forward', name: '' } as const]),
    endsAt: now + 40 * MINUTE,
  };
  it.workspaces.sessions = [other];
  const busy = { ...other, lastInput: now - 4 * MINUTE, channels: new Set<OpenChannel>(), endsAt: undefined };
  it.workspaces.sessions.push(busy);
  const { stdout } = await it.ssh([ALICE, '@status']);
  it.workspaces.sessions = [];
  expect(stdout).toContain(
    'session    VS Code from 192.0.2.7:50122, connected for 3 h, idle for 12 min, 2 channels (1 forward), ends in 40 min\n',
  );
  expect(stdout).toMatch(/^session {4}VS Code from 192\.0\.2\.7:50122, connected for 3 h, 0 channels$/m);
});

test('@status of a cluster that is broken ends with what to type', async () => {
  const error = new FactoryError('CLUSTER_FAILED', 'It did not start.');
  it.workspaces.phases = { cluster: { kind: 'failed', error, retryAt: Date.now() + 5_000 } };
  const { stdout } = await it.ssh([ALICE, '@status']);
  it.workspaces.phases = { cluster: { kind: 'ready' } };
  expect(stdout).toMatch(
    /^cluster +failed: It did not start\. \(error \w+\) .*: ssh -t .*alice@.* -- @reset cluster$/m,
  );
});

test('@reset cluster makes a new cluster and nothing else, when that is confirmed', async () => {
  const before = it.workspaces.resets.length;
  const asked = await it.ssh([ALICE, '@reset', 'cluster']);
  expect(asked).toMatchObject({ exitCode: 2, stdout: '' });
  expect(asked.stderr).toMatch(/everything in it goes.*kept aside.*To go on, type: @reset cluster --yes/s);
  expect(it.workspaces.clusterResets).toHaveLength(0);
  const { stdout, exitCode } = await it.ssh([ALICE, '@reset', 'cluster', '--yes']);
  expect({ stdout, exitCode }).toEqual({
    stdout: expect.stringContaining('The cluster is new.'),
    exitCode: 0,
  });
  expect(it.workspaces.clusterResets).toHaveLength(1);
  expect(it.workspaces.resets).toHaveLength(before);

  expect((await it.ssh([ALICE, '@reset', 'container', '--yes'])).exitCode).toBe(0);
  expect(it.workspaces.resets).toHaveLength(before + 1);
  expect(await it.ssh([ALICE, '@reset', 'everything', '--yes'])).toMatchObject({ exitCode: 2 });
  expect(it.workspaces.clusterResets).toHaveLength(1);
});

test('@reset cluster where there is none is a sentence, before anything is asked', async () => {
  it.workspaces.phases = { cluster: { kind: 'none' } };
  const { stderr, exitCode } = await it.ssh([ALICE, '@reset', 'cluster']);
  it.workspaces.phases = { cluster: { kind: 'ready' } };
  expect({ stderr, exitCode }).toEqual({
    stderr: expect.stringMatching(/^This lab has no cluster\./),
    exitCode: 254,
  });
});

test('@extend says when the session ends, and what may be added', async () => {
  expect((await it.ssh([ALICE, '@extend'])).stdout).toBe('This lab sets no end to your session.');
  it.workspaces.limit = { endsAt: Date.now() + 40 * 60_000, left: 30 * 60_000 };
  const { stdout } = await it.ssh([ALICE, '@extend']);
  expect(stdout).toMatch(
    /^Your session ends in 40 min\. .* by 30 min at most: ssh -t .* -- @extend 30m\n.*connect again/,
  );
  it.workspaces.limit = { endsAt: Date.now() + 40 * 60_000, left: 0 };
  expect((await it.ssh([ALICE, '@extend'])).stdout).toContain('It cannot be made longer.');
});

test('@extend makes it longer, or says in plain words why not', async () => {
  const asked: number[] = [];
  it.workspaces.extend = (ms) => {
    asked.push(ms);
    return Date.now() + 3_600_000;
  };
  expect(await it.ssh([ALICE, '@extend', '30m'])).toMatchObject({
    stdout: 'Your session now ends in 60 min.',
    exitCode: 0,
  });
  expect(asked).toEqual([1_800_000]);
  it.workspaces.extend = () => {
    throw new FactoryError('EXTENSION_REFUSED', 'It can be made longer by 10 min at most.');
  };
  expect(await it.ssh([ALICE, '@extend', '1h'])).toEqual({
    stdout: '',
    stderr: 'It can be made longer by 10 min at most.',
    exitCode: 1,
  });
  for (const wrong of ['0m', '-5m', 'long', '5m 5m', '1.5h']) {
    expect(await it.ssh([ALICE, '@extend', wrong])).toMatchObject({ exitCode: 2, stdout: '' });
  }
});

test('what is typed into @rescue is input', async () => {
  const before = it.workspaces.inputs;
  await it.ssh([ALICE, '@rescue', 'cat'], { input: 'a line\n' });
  // One is for the channel that was opened.
  expect(it.workspaces.inputs - before).toBeGreaterThan(1);
});
