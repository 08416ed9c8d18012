import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { hostKubectl } from './harness/host-kubectl.ts';
import { request } from './harness/http-request.ts';
import { joinKubeconfigs } from './harness/kubeconfig.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import type { Student } from './harness/student.ts';
import { deploy } from './harness/web-app.ts';
import { Workspace } from './harness/workspace.ts';

const LISTENING = 8099;

/* What bob's container and pods reach of alice's is in test/e2e/walls. */
describe("two students at once: bob tries alice's things, and each try works on one's own", () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let alice: Student;
  let bob: Student;
  let hers: Workspace;

  beforeAll(async () => {
    factory = stack.use(await Factory.start());
    alice = await factory.student('alice');
    bob = await factory.student('bob');
    hers = new Workspace(factory, 'alice');
    for (const session of await Promise.all([alice.hold(), bob.hold()])) stack.use(session);
    await Promise.all([clusterOfUse(alice), clusterOfUse(bob)]);
    // A server in alice's container, on all its addresses.
    const server = alice.connect(`kubectl proxy --address=0.0.0.0 --accept-hosts='.*' --port=${LISTENING}`);
    await stack.use(server).shows('Starting to serve');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test.for(['alice', 'alice/k3s', 'alice+k3s', 'ALICE'])(
    "SSH: bob's key does not open %s, alice's does",
    async (login) => {
      const theirs = await bob.exec('true', { login });
      expect(theirs.exitCode).toBe(255);
      expect(theirs.stderr).toContain('Permission denied');
      expect(await alice.run('whoami', { login })).toBe('lab');
    },
  );

  test("forwarding: ssh -W of bob's reaches nothing of alice's", async () => {
    const networks = Object.values((await hers.labContainer()).NetworkSettings.Networks);
    const answers = async (student: Student, address: string, within: number) => {
      await using session = student.connect(undefined, { args: ['-W', `${address}:${LISTENING}`] });
      session.write('GET / HTTP/1.0\r\n\r\n');
      return await session.shows('HTTP/1.', within).then(
        () => true,
        () => false,
      );
    };
    for (const { IPAddress: address } of networks) {
      expect(await answers(alice, address, PATIENCE)).toBe(true);
      // While it makes or removes any network, Docker takes its wall away for some milliseconds (docs/security.md).
      const tries = [await answers(bob, address, 4_000), await answers(bob, address, 4_000)];
      expect(tries).toContain(false);
    }
  });

  test("the API through the public entry point: bob's credentials are of no use at alice's", async () => {
    const [herFile, hisFile] = [await alice.run('@kubeconfig'), await bob.run('@kubeconfig')];
    const nodesWith = (cluster: string, user: string) => async () => {
      const file = join(factory.folder, 'tried.yaml');
      await writeFile(file, joinKubeconfigs({ cluster, user }, factory.endpoints.routes.kube));
      return hostKubectl(file, 'get', 'nodes', '--no-headers').catch((error: unknown) => {
        // Who is refused is told so; of whom nobody answered nothing is known yet.
        if (/logged in|Unauthorized/.test(String(error))) return 'refused';
        throw error;
      });
    };
    const tryWith = (cluster: string, user: string) =>
      eventually(nodesWith(cluster, user), { what: 'the API answers' });
    expect(await tryWith(herFile, herFile)).toContain('Ready');
    expect(await tryWith(hisFile, hisFile)).toContain('Ready');
    expect(await tryWith(herFile, hisFile)).toBe('refused');
    expect(await tryWith(hisFile, herFile)).toBe('refused');
  });

  test("routes: an Ingress of bob's for alice's host gets none of her visitors, nor do look-alike names", async () => {
    const host = `alice.${factory.domain}`;
    await deploy(alice, { name: 'app', says: 'this is alice', hosts: [host] });
    await deploy(bob, { name: 'app', says: 'this is bob', hosts: [host, `bob.${factory.domain}`] });
    const at = factory.endpoints.routes.http;
    const bodyOf = async (name: string) => (await request({ url: `http://${name}/`, at })).body;

    // Once bob's own host answers, his Ingress for alice's is live as well: they are one object.
    for (const [name, says] of [
      [host, 'this is alice'],
      [`bob.${factory.domain}`, 'this is bob'],
    ] as const) {
      await eventually(async () => (await bodyOf(name)).includes(says), {
        what: `${name} answers`,
      });
    }
    expect(await bodyOf(host)).toContain('this is alice');
    for (const lookAlike of [
      `xalice.${factory.domain}`,
      `alicex${factory.domain}`,
      `alice-${factory.domain}`,
    ]) {
      expect(await bodyOf(lookAlike)).not.toContain('this is');
    }
  });
});
