import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { isDataFolderLocked } from '../../src/data-folder/data-lock.ts';
import { belongingsOf, whatIsLeftOf } from './harness/belongings.ts';
import { docker } from './harness/docker.ts';
import { eventually } from './harness/eventually.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { request } from './harness/http-request.ts';
import { BASE_LAB_IMAGE } from './harness/set-up.ts';
import { RUN_LABEL } from './harness/sweeper.ts';
import { takePort } from './harness/taken-port.ts';
import type { Terminal } from './harness/terminal.ts';
import { Trying } from './harness/trying.ts';
import { manifests } from './harness/web-app.ts';

/** A cluster is made on a machine that has other things to do; ms. */
const FIRST_PROMPT = 180_000;
const PROMPT = /lab@k8s:~\$ $/;

const stack = new AsyncDisposableStack();
let trying: Trying;
let url: string;

beforeAll(async () => {
  trying = stack.use(await Trying.create());
  const image = `ssh-lab-factory-e2e/${basename(trying.folder).toLowerCase()}`;
  url = await trying.repository({
    'labs/k8s/lab.yaml': stringify(CLUSTER_LAB),
    'labs/own/lab.yaml': stringify({ description: 'no cluster', container: { image, user: 'lab' } }),
    'labs/own/Dockerfile': `FROM ${BASE_LAB_IMAGE}\nLABEL ${RUN_LABEL}=${basename(trying.folder)}\n`,
  });
});
afterAll(() => stack.disposeAsync());

test('a lab of a Git repository: prompt, kubectl, browser; paused by the exit, back by the same command, removed by one', async () => {
  const user = userInfo().username;
  // The usual port is somebody else's, whether that is us or not.
  await using _taken = await takePort(8000).catch(() => undefined);

  await using first = trying.open(`${url}#labs/k8s`);
  await first.shows('Port 8000 is taken on this machine');
  await first.shows(PROMPT, FIRST_PROMPT);
  expect(first.text).toContain(`Starting the lab k8s of ${user}`);
  first.type("until kubectl get nodes --no-headers | grep ' Ready '; do sleep 0.5; done\r");
  await first.shows(/ Ready +control-plane/);
  // The lab's own command reaches the factory in this very program.
  first.type('cluster status --wait; echo status-$?\r');
  await first.shows('status-0');
  const app = appUrl(first);
  expect(app.hostname).toBe(`${user}.localhost`);
  await deploy('first app', app.hostname);
  await answers(app, 'first app');

  const second = await trying.run([`${url}#labs/k8s`]);
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('open in another terminal') });

  first.type('touch ~/kept; exit 7\r');
  expect(await first.ended()).toBe(7);
  expect(first.text).toMatch(
    /It sleeps; nothing is lost\.\s+Come back: .* try file:\S+#labs\/k8s\s+Remove it all: .* try --remove/,
  );
  expect(await states()).toEqual({ container: ['paused'], node: ['paused'], traefik: [] });

  await using again = trying.open(`${url}#labs/k8s`);
  await again.shows(PROMPT);
  again.type('ls ~\r');
  await again.shows('kept');
  await answers(appUrl(again), 'first app');
  // The window is closed.
  await again[Symbol.asyncDispose]();
  await eventually(
    async () => (await states()).node[0] === 'paused' && (await states()).traefik.length === 0,
    {
      what: 'the lab of a closed window is paused',
    },
  );
  await eventually(() => !isDataFolderLocked(join(trying.root, 'data')), {
    what: 'the program of a closed window is gone',
  });

  // Where nobody is at a terminal, it is there until the program is told to stop; its image is built from the repository.
  await using killed = trying.start(`${url}#labs/own`);
  await killed.shows('The lab is ready', FIRST_PROMPT);
  killed.signal('SIGKILL');
  await killed.ended();
  // It could pause nothing; the next one takes over what it left, and the ports.
  expect((await states()).traefik).toEqual(['running']);
  await using quiet = trying.start(`${url}#labs/own`);
  await quiet.shows('The lab is ready');
  expect((await states()).container.sort()).toEqual(['paused', 'running']);
  quiet.signal('SIGINT');
  expect(await quiet.ended()).toMatchObject({ code: 0 });
  expect((await states()).container).toEqual(['paused', 'paused']);

  const belongings = await belongingsOf(await trying.instance());
  expect(await whatIsLeftOf(belongings)).not.toEqual([]);
  const unsure = await trying.run(['--remove']);
  expect(unsure).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was removed') });
  expect(await whatIsLeftOf(belongings)).not.toEqual([]);
  const removed = await trying.run(['--remove', '--yes']);
  expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('All of it is removed') });
  expect(await whatIsLeftOf(belongings)).toEqual([]);
  await expect(stat(trying.root)).rejects.toThrow('ENOENT');
});

test('what is no lab is refused with what to type', async () => {
  const refused = async (...args: readonly string[]) => {
    const { code, stderr } = await trying.run(args);
    expect(code).toBe(1);
    return stderr;
  };
  expect(await refused('nothing')).toMatch(/nothing is no folder of a lab .* \(debian, k3s\)/);
  expect(await refused(url)).toContain('neither it nor a folder in it has a lab.yaml');
  expect(await refused(`${url}#labs`)).toMatch(/choose one: .*#labs\/k8s, .*#labs\/own/);
  expect(await refused(`${url}#../..`)).toContain('is not in the repository');
  expect(await refused(`${url}x`)).toMatch(/can't be fetched: .*class.gitx' does not appear/);
  expect(await refused('http://lab.test/labs.git')).toContain('https, ssh or file');
  expect(await refused('ssh://-oProxyCommand=touch%20x/labs.git')).toMatch(/no URL|hyphen/);
  // Of a data folder that nothing needs nothing stays.
  await expect(stat(join(trying.root, 'data'))).rejects.toThrow('ENOENT');
});

test('an engine that does not answer is told', async () => {
  const { code, stderr } = await trying.run(['debian'], { DOCKER_HOST: `unix://${trying.folder}/none.sock` });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('docker version') });
});

/** As the program shows it. */
function appUrl({ text }: Terminal): URL {
  const shown = /answers at (http:\S+)/.exec(text)?.[1];
  if (shown === undefined) throw new Error(`no URL in:\n${text}`);
  return new URL(shown);
}

async function deploy(says: string, host: string): Promise<void> {
  const [container] = await trying.containers('container');
  const kubectl = ['exec', '-i', '--user', 'lab', container?.Id ?? '', 'env', 'HOME=/home/lab', 'kubectl'];
  await docker([...kubectl, 'apply', '-f', '-'], { input: manifests({ name: 'app', says, hosts: [host] }) });
}

async function answers(url: URL, text: string): Promise<void> {
  const at = { host: '127.0.0.1', port: Number(url.port) };
  await eventually(async () => (await request({ url: url.href, at })).body.includes(text), {
    what: `${url.href} answers`,
  });
}

async function states() {
  const of = async (role: 'container' | 'node' | 'traefik') =>
    (await trying.containers(role)).map(({ State }) => State.Status);
  return { container: await of('container'), node: await of('node'), traefik: await of('traefik') };
}
