import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { createLogger } from '../../src/logging/logger.ts';
import type { InstanceId } from '../../src/names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../src/names/workspace-key.ts';
import type { TraefikPorts } from '../../src/routing/traefik-options.ts';
import { createTraefikRoutes } from '../../src/routing/traefik-routes.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { findSetUp } from '../e2e/harness/set-up.ts';
import { sweepInstance } from '../e2e/harness/sweeper.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { answerByHttp, answers, NOBODY, startAnsweringNode } from './answering-node.ts';
import { startOperatorsTraefik } from './operators-traefik.ts';
import { traefikOfTests } from './traefik-of-tests.ts';

/*
 * Two Traefiks beside each other on the same ports, for the same nodes: the factory's own with its file, and the operator's of
 * docs/routing.md, which reads the nodes' labels.
 */
const BY_FILE = '127.0.0.1';
const BY_LABELS = '127.0.0.2';

/** Names that look alike, one below another among them. */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['bob/k3s', 'bob.lab.test'],
  ['xbob/k3s', 'xbob.lab.test'],
  ['bob-x/k3s', 'bob-x.lab.test'],
  ['bob/web', 'x.bob.lab.test'],
]);
const KEYS = [
  ...[workspace('bob', 'k3s'), workspace('xbob', 'k3s')],
  ...[workspace('bob-x', 'k3s'), workspace('bob', 'web')],
];
const hostOf = (key: WorkspaceKey) => HOSTS.get(formatWorkspaceKey(key)) ?? `${key.user}.lab.test`;

const { images } = await findSetUp();
const engine = createDockerEngine();
const instance = freshInstance();
const otherInstance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'docker-provider-'));
const signal = AbortSignal.timeout(300_000);
/** Of one look at somebody who may not answer; ms. */
const A_LOOK = 2_000;
const logger = createLogger('error');

const nodes = new Map<string, Docker.Container>();
let ports: TraefikPorts;
/** Of another factory, which this Traefik has nothing to do with. */
let eve: Docker.Container;

beforeAll(async () => {
  const traefik = traefikOfTests({ instance, folder });
  const running = await traefik.ensure(signal);
  ports = running.ports;
  const { api } = running;
  const web = 'http://127.0.0.1:9';
  const own = () => ({ host: 'factory.test', tls: undefined });
  const { revive } = traefik;
  const options = {
    folder,
    hostOf,
    web,
    own,
    httpsPort: ports.https,
    kube: { host: BY_FILE, port: ports.kube },
    api,
    revive,
    logger,
  };
  const routes = await createTraefikRoutes(options, signal);
  for (const key of KEYS) {
    const { container, address } = await startNode(instance, key);
    nodes.set(hostOf(key), container);
    const addresses = { ingress: address, api: { host: address, port: 6443 } };
    await routes.set(key, { kind: 'awake', addresses }, signal);
  }
  eve = (await startNode(otherInstance, workspace('eve', 'k3s'))).container;
  await startOperatorsTraefik({ instance, image: images.traefik, folder, address: BY_LABELS, ports });
  for (const host of HOSTS.values()) {
    for (const address of [BY_FILE, BY_LABELS]) await untilAnswers(address, host, expectedAnswers(host));
  }
}, 300_000);

afterAll(async () => {
  for (const each of [instance, otherInstance]) await sweepInstance(each);
  await rm(folder, { recursive: true, force: true });
}, 120_000);

describe("nodes' labels, read by a Traefik of the operator", () => {
  const around = (host: string) => [
    ...[host, host.toUpperCase(), `app.${host}`, `a.b.${host}`, `A_1.${host}`, `x.${host}`],
    ...[`x${host}`, `x-${host}`, `app.x${host}`, `.${host}`, host.slice(1)],
    ...['', 'app.'].flatMap((below) =>
      [host.replace('.', 'x'), host.replace(/^(.*)\./, '$1x')].map((name) => below + name),
    ),
    ...[`${host}.example.org`, `${host}x`, `app.${host}x`],
  ];
  const nobodys = ['lab.test', 'eve.lab.test', 'app.eve.lab.test', 'test', 'bob'];
  const names = new Set([...[...HOSTS.values()].flatMap(around), ...nobodys]);

  test.each([...names])('lead %s to whom the file leads it', async (name) => {
    expect(await bothAnswers(name)).toEqual([expectedAnswers(name), expectedAnswers(name)]);
  });

  test('lead any name made of their parts to whom the file leads it', { timeout: 180_000 }, async () => {
    const part = fc.constantFrom('bob', 'xbob', 'bob-x', 'x', 'lab', 'test', 'lab.test', 'bob.lab.test');
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    const same = fc.asyncProperty(name, async (asked) => {
      expect(await bothAnswers(asked)).toEqual([expectedAnswers(asked), expectedAnswers(asked)]);
    });
    await fc.assert(same, { numRuns: 50 });
  });

  test('are void while a node is stopped, and in force again when it runs', {
    timeout: 180_000,
  }, async () => {
    await nodeOf('xbob.lab.test').stop({ t: 0 });
    await untilAnswers(BY_LABELS, 'xbob.lab.test', NOBODY);
    expect(await answers(BY_LABELS, ports, 'bob.lab.test')).toEqual(expectedAnswers('bob.lab.test'));
    await nodeOf('xbob.lab.test').start();
    await untilAnswers(BY_LABELS, 'xbob.lab.test', expectedAnswers('xbob.lab.test'));
  });

  test('lead nowhere useful while a node is paused, and Traefik has to be made to look before and after', {
    timeout: 180_000,
  }, async () => {
    const host = 'bob-x.lab.test';
    await nodeOf(host).pause();
    // The latter where a container of somebody else's has just started or ended.
    expect(['no answer', 'nobody']).toContain(await answerByHttp(BY_LABELS, ports.http, host, A_LOOK));
    await eve.restart({ t: 0 });
    await untilAnswers(BY_LABELS, host, NOBODY);
    await nodeOf(host).unpause();
    await eve.restart({ t: 0 });
    await untilAnswers(BY_LABELS, host, expectedAnswers(host));
  });
});

function startNode(factory: InstanceId, key: WorkspaceKey) {
  const node = { engine, instance: factory, key, host: hostOf(key), image: images.node };
  return startAnsweringNode(node, signal);
}

function nodeOf(host: string): Docker.Container {
  const node = nodes.get(host);
  if (node === undefined) throw new Error(`no node of ${host}`);
  return node;
}

/** Of the longest host that the name is, or is below of by whole labels. */
function expectedAnswers(name: string): readonly string[] {
  const asked = name.toLowerCase();
  const isBelow = (host: string) => asked.endsWith(`.${host}`) && !asked.startsWith('.');
  const [owner] = [...HOSTS.values()]
    .filter((host) => asked === host || isBelow(host))
    .sort((a, b) => b.length - a.length);
  if (owner === undefined) return NOBODY;
  return [owner, owner, asked === owner ? `${owner} kube` : 'refused'];
}

function bothAnswers(name: string): Promise<ReadonlyArray<readonly string[]>> {
  return Promise.all([BY_FILE, BY_LABELS].map((address) => answers(address, ports, name)));
}

async function untilAnswers(address: string, host: string, expected: readonly string[]): Promise<void> {
  const same = async () => (await answers(address, ports, host, A_LOOK)).join() === expected.join();
  const what = `${address} answers to ${host} with ${expected.join()}`;
  await eventually(same, { what, within: 60_000, every: 50 });
}
