import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, browserInstalled } from './harness/browser.ts';
import { type Certificate, makeCertificate } from './harness/certificate.ts';
import { EventRecorder } from './harness/event-recorder.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { hostKubectl } from './harness/host-kubectl.ts';
import { request } from './harness/http-request.ts';
import { clusterOfUse, kubectl, pods, settledPods } from './harness/kubectl.ts';
import type { Student } from './harness/student.ts';
import type { Terminal } from './harness/terminal.ts';
import { deploy } from './harness/web-app.ts';
import { Workspace } from './harness/workspace.ts';

/** Long: the client has to be back at its own prompt before it is over, on a busy machine as well. */
const GRACE = 12_000;
const HOST = 'alice.localhost';

/** What a client may write to seem to be another, or asked otherwise. */
const PRETENDED = {
  'X-Forwarded-For': '192.0.2.66',
  'X-Real-Ip': '192.0.2.66',
  'X-Forwarded-Host': 'pretended.example',
  'X-Forwarded-Port': '66',
  'X-Forwarded-Proto': 'wss',
  'X-Forwarded-Server': 'pretended',
};

/** Those of the request that the test app was sent, which it answers with. */
function forwardedHeaders(body: string): Record<string, string> {
  return Object.fromEntries(
    [...body.matchAll(/^(X-(?:Forwarded-\w+|Real-Ip)): (.*?)\r?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

/** What must be the same after a night's sleep. */
async function snapshot(alice: Student, workspace: Workspace) {
  return {
    pods: await pods(alice),
    address: await workspace.nodeAddress(),
    container: (await workspace.labContainer()).Id,
    home: await alice.run('cat ~/kept'),
    installed: await alice.run('/usr/local/bin/x'),
  };
}

describe('the main path, one student and one cluster, each step builds on the one before', () => {
  const stack = new AsyncDisposableStack();
  let recorder: EventRecorder;
  let factory: Factory;
  let alice: Student;
  let workspace: Workspace;
  let window: Terminal;
  let loggedInAt: number;
  let certificate: Certificate;
  let before: Awaited<ReturnType<typeof snapshot>>;

  beforeAll(async () => {
    recorder = stack.use(await EventRecorder.start());
    factory = stack.use(await Factory.start({ domain: 'localhost', grace: `${GRACE}ms` }));
    alice = await factory.student('alice');
    workspace = new Workspace(factory, 'alice');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('the first login shows what the cluster is doing, and Enter gives a prompt', async () => {
    expect(await workspace.state()).toBe('absent');

    window = stack.use(alice.terminal());
    await window.shows(/cluster/i);
    window.type('\r');
    await window.shows(/\$ $/);
    window.type('echo $((40 + 2))\r');
    await window.shows(/^42\r?$/m);
    loggedInAt = Date.now();
  });

  test('exec and sftp have no byte of ours, neither now nor later', async () => {
    const { stdout, stderr, exitCode } = await alice.exec("printf 'a\\0b'; exit 7");
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'a\0b', stderr: '', exitCode: 7 });

    const file = join(factory.folder, 'sent');
    await writeFile(file, 'by sftp\n');
    const sent = await alice.sftp(`put ${file} kept`);
    expect(sent.stderr).toBe('');
    expect(sent.exitCode).toBe(0);
    expect((await alice.exec('cat kept')).stdout).toBe('by sftp\n');
  });

  test('kubectl in the container sees a Ready node with nothing set up', async () => {
    await clusterOfUse(alice);
    const since = '{.items[0].status.conditions[?(@.type=="Ready")].lastTransitionTime}';
    const ready = await kubectl(alice, `get nodes -o jsonpath='${since}'`);
    // Kubernetes writes whole seconds.
    expect(Date.parse(ready), 'the shell was there before the node').toBeGreaterThan(loggedInAt - 1_000);
  });

  test('an Ingress answers by HTTP and, with its own certificate, by HTTPS', async () => {
    certificate = await makeCertificate(factory.folder, [HOST, `app.${HOST}`]);
    await deploy(alice, {
      name: 'hello',
      says: 'hello from alice',
      hosts: [HOST, `app.${HOST}`],
      certificate,
    });
    const { http, https } = factory.endpoints.routes;

    for (const host of [HOST, `app.${HOST}`]) {
      const overHttp = await eventually(
        async () => {
          const answer = await request({ url: `http://${host}/`, at: http });
          return answer.status === 200 && answer;
        },
        { what: `http://${host} answers` },
      );
      expect(overHttp.body).toContain('hello from alice');
      const overTls = await eventually(
        () => request({ url: `https://${host}/`, at: https, caFile: certificate.file }),
        { what: `https://${host} answers with its own certificate` },
      );
      expect(overTls).toMatchObject({ status: 200, body: expect.stringContaining('hello from alice') });
    }
  });

  test('the app sees who asks, and nobody on the way in can pretend to be somebody else', async () => {
    const { http, https } = factory.endpoints.routes;
    const from = '127.0.0.77';
    const overHttp = await request({ url: `http://${HOST}/`, at: http, from, headers: PRETENDED });
    expect(forwardedHeaders(overHttp.body)).toEqual({
      // The second is whom the cluster's Traefik was asked by: its node.
      'X-Forwarded-For': expect.stringMatching(/^127\.0\.0\.77, 10\.42\.\d+\.\d+$/),
      'X-Forwarded-Host': `${HOST}:${http.port}`,
      'X-Forwarded-Port': String(http.port),
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Server': expect.any(String),
      'X-Real-Ip': from,
    });
    const caFile = certificate.file;
    const overTls = await request({ url: `https://${HOST}/`, at: https, from, caFile, headers: PRETENDED });
    expect(forwardedHeaders(overTls.body)).toMatchObject({
      'X-Forwarded-For': expect.stringMatching(/^10\.42\.\d+\.\d+$/),
      'X-Forwarded-Proto': 'https',
    });
    for (const { body } of [overHttp, overTls]) expect(body).not.toMatch(/192\.0\.2\.66|pretended/);
  });

  test('from inside the cluster its owner may say what they like: there they are the proxy', async () => {
    const headers = Object.entries(PRETENDED).map(([name, value]) => `--header '${name}: ${value}'`);
    const node = await workspace.nodeAddress();
    const { stdout } = await alice.exec(
      `curl -s --header 'Host: ${HOST}' ${headers.join(' ')} http://${node}/`,
    );
    expect(forwardedHeaders(stdout)['X-Forwarded-For']).toMatch(/^192\.0\.2\.66, /);
  });

  test('a browser opens the app', async ({ skip }) => {
    if (!(await browserInstalled())) skip('no Chromium here');
    await using browser = await Browser.start();
    const page = await browser.open(`http://${HOST}:${factory.endpoints.routes.http.port}/`);
    expect(await page.textContent('body')).toContain('hello from alice');
  });

  test("@kubeconfig lets kubectl on the student's own machine in", async () => {
    const { stdout, exitCode } = await alice.exec('@kubeconfig');
    expect(exitCode).toBe(0);
    const file = join(factory.folder, 'kubeconfig.yaml');
    await writeFile(file, stdout);
    expect(await hostKubectl(file, 'get', 'deployments')).toMatch(/^hello\s/m);
  });

  test('logging out returns at once; after the grace time, and not before, everything is paused', async () => {
    await alice.run(
      'sudo sh -c \'printf "#!/bin/sh\\necho installed\\n" > /usr/local/bin/x; chmod 755 /usr/local/bin/x\'',
    );
    await settledPods(alice);
    before = await snapshot(alice, workspace);

    const loggedOutAt = Date.now();
    window.type('exit\r');
    await window.ended();
    const returnedAt = Date.now();

    const instance = await factory.instance();
    for (const role of ['container', 'node']) {
      const pause = await recorder.next(instance, { role, action: 'pause' }, loggedOutAt);
      expect(pause.at).toBeGreaterThanOrEqual(loggedOutAt + GRACE);
      expect(pause.at, 'who logs out waits for nothing of this').toBeGreaterThan(returnedAt);
    }
    await recorder.settled();
    expect(recorder.of(instance, { action: 'pause' })).toHaveLength(2);
  });

  test('asleep: HTTP says so, TLS is refused, nothing hangs', async () => {
    const { http, https } = factory.endpoints.routes;
    const answer = await request({ url: `http://${HOST}/`, at: http });
    expect(answer.status).toBe(503);
    expect(answer.body).toMatch(/asleep/i);
    // Of curl: the handshake failed, or was cut off. What hangs is 28.
    await expect(
      request({ url: `https://${HOST}/`, at: https, caFile: certificate.file }),
    ).rejects.toMatchObject({ stderr: expect.stringMatching(/^curl: \((35|56)\) /) });
  });

  test('the second login finds all as it was: pods, addresses, files, the app', async () => {
    const session = stack.use(await alice.hold());
    await clusterOfUse(alice);

    // What a kubelet knows of its pods it tells anew when it wakes.
    await settledPods(alice);
    expect(await snapshot(alice, workspace)).toEqual(before);
    const { http, https } = factory.endpoints.routes;
    const answer = await eventually(
      async () => {
        const { status, body } = await request({ url: `http://${HOST}/`, at: http });
        return status === 200 && body;
      },
      { what: 'the app answers again' },
    );
    expect(answer).toContain('hello from alice');
    await eventually(
      async () =>
        (await request({ url: `https://${HOST}/`, at: https, caFile: certificate.file })).status === 200,
      { what: 'it does so by HTTPS' },
    );
    await session.logOut();
  });

  test('nothing was made twice', async () => {
    await recorder.settled();
    const instance = await factory.instance();
    const created = recorder.of(instance, { action: 'create', user: 'alice', type: 'container' });
    expect(created.map((event) => event.role).sort()).toEqual(['container', 'node']);
  });
});
