import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const stack = new AsyncDisposableStack();
let factory: Factory;
let carol: Student;
let workspace: Workspace;

beforeAll(async () => {
  factory = stack.use(await Factory.start({ grace: '60s' }));
  carol = await factory.student('carol');
  workspace = new Workspace(factory, 'carol');
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

test('@reset cluster makes a new cluster for who is there, and leaves container and home as they are', {
  timeout: 10 * 60_000,
}, async () => {
  await using session = await carol.hold();
  await clusterOfUse(carol);
  await kubectl(carol, 'create configmap mine --from-literal=a=b');
  await carol.run('echo kept > ~/file; echo kept | sudo tee /etc/file');
  const container = (await workspace.labContainer()).Id;
  const node = (await workspace.node()).Id;

  const asked = await carol.exec('@reset cluster');
  expect(asked.exitCode).toBe(2);
  expect(asked.stderr).toMatch(/everything in it goes/);
  expect(await kubectl(carol, 'get configmap mine -o name')).toBe('configmap/mine');

  const reset = await carol.exec('@reset cluster --yes', { timeout: 240_000 });
  expect(reset.exitCode, reset.stderr).toBe(0);
  expect(reset.stdout).toMatch(/^The cluster is new\./);
  expect(reset.stderr).toMatch(/^cluster: /m);
  await clusterOfUse(carol);
  expect((await workspace.node()).Id).not.toBe(node);
  expect((await carol.exec('kubectl get configmap mine')).stderr).toContain('not found');
  // Kubernetes makes it in each namespace by itself.
  const own = await eventually(() => kubectl(carol, 'get configmap kube-root-ca.crt -o name'), {
    what: 'the new cluster has a configmap of its own',
  });
  expect(own).toBe('configmap/kube-root-ca.crt');
  expect(await carol.run('cat ~/file /etc/file')).toBe('kept\nkept');
  expect((await workspace.labContainer()).Id).toBe(container);
  session.write('the session goes on\n');
  await session.shows('the session goes on');
});
