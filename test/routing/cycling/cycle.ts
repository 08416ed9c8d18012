import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerEngine } from '../../../src/docker-engine/docker-engine.ts';
import type { WorkspaceKey } from '../../../src/names/workspace-key.ts';
import { createSubnetPool } from '../../../src/subnets/subnet-pool.ts';
import { type Certificate, makeCertificate } from '../../e2e/harness/certificate.ts';
import { HeldDownload } from '../../e2e/harness/held-download.ts';
import { sweepInstance } from '../../e2e/harness/sweeper.ts';
import { Visitors } from '../../e2e/harness/visitors.ts';
import { workspace } from '../../fresh-names.ts';
import { Random } from '../../soak/random.ts';
import { type EdgeUnderTest, startEdge } from '../edge-under-test.ts';
import { DownloadServer } from './download-server.ts';
import { PlainWorkspace } from './plain-workspace.ts';

export interface CycleOptions {
  readonly workspaces: number;
  /** ms in which they come and go, after all have come for the first time; on a slow machine longer, until there were… */
  readonly duration: number;
  /** …so many steps… */
  readonly steps: number;
  /** …and so many right answers of each kind. */
  readonly answers: number;
  readonly seed: number;
}

export interface Cycled {
  /** They have ended. */
  readonly visitors: Visitors;
  readonly steps: number;
  /** Lines of the downloads that were held all the time, each whole. */
  readonly lines: readonly number[];
}

/** That many workspaces take a step at the same time. */
const STEPPING = 8;
const VISITORS = 8;
const LOOPBACK = '127.0.0.1';
const HOLDER = workspace('holder', 'k3s');

const KINDS = ['app', 'asleep', 'nobody'];

const hostOf = (key: WorkspaceKey) => `${key.user}.test`;

/** Workspaces of plain containers come and go before one Traefik, in an order that `seed` repeats, while they are visited. */
export async function cycle(
  { workspaces, duration, steps: fewest, answers, seed }: CycleOptions,
  signal: AbortSignal,
): Promise<Cycled> {
  await using stack = new AsyncDisposableStack();
  const random = new Random(seed);
  const certificate = await ownCertificate(stack);
  const edge = await startEdge(hostOf, signal);
  stack.defer(() => edge.close());
  stack.defer(() => sweepInstance(edge.instance));
  const subnets = createSubnetPool({ engine: createDockerEngine(), within: '10.215.0.0/21' });
  const answered = (host: string): Promise<void> => visitors.answered(host);
  const all = Array.from({ length: workspaces }, (_, index) => {
    const key = workspace(`student-${index}`, 'k3s');
    const options = { instance: edge.instance, subnets, key, answered };
    return new PlainWorkspace(hostOf(key), edge.routes, options, signal);
  });

  const server = stack.use(await DownloadServer.start(certificate));
  const downloads = await holdDownloads(edge, server.address, certificate, stack, signal);
  const asking = new Random(random.integer(0, 2 ** 31));
  const visitors = stack.use(
    new Visitors({
      at: { host: LOOPBACK, port: edge.ports.http },
      visitors: VISITORS,
      choose: () => all[asking.integer(0, all.length - 1)],
    }),
  );
  const until = {
    duration,
    steps: fewest,
    isSeen: () => KINDS.every((kind) => (visitors.right.get(kind) ?? 0) >= answers),
  };
  const steps = await comeAndGo(all, random, until, signal);
  await visitors.end();
  for (const download of downloads) await download.goesOn('everybody has come and gone');
  server.endDownloads();
  return { visitors, steps, lines: await Promise.all(downloads.map((download) => download.whole())) };
}

/** One by HTTP and one by HTTPS, from a workspace that stays awake. */
async function holdDownloads(
  { ports, routes }: EdgeUnderTest,
  address: string,
  { pem }: Certificate,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<readonly HeldDownload[]> {
  const addresses = { ingress: address, api: { host: address, port: 6443 } };
  await routes.set(HOLDER, { kind: 'awake', addresses }, signal);
  const hold = async (scheme: 'http' | 'https') => {
    const at = { host: LOOPBACK, port: ports[scheme] };
    return stack.use(await HeldDownload.open({ url: `${scheme}://${hostOf(HOLDER)}/`, at, ca: pem }));
  };
  return Promise.all([hold('http'), hold('https')]);
}

async function ownCertificate(stack: AsyncDisposableStack): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'cycle-'));
  stack.defer(() => rm(folder, { recursive: true }));
  return makeCertificate(folder, [hostOf(HOLDER)]);
}

/** All come, take steps in random order for so long, and go. Resolves with the number of steps between coming and going. */
async function comeAndGo(
  all: readonly PlainWorkspace[],
  random: Random,
  until: { readonly duration: number; readonly steps: number; readonly isSeen: () => boolean },
  signal: AbortSignal,
): Promise<number> {
  await sideBySide(all.values(), (one) => one.come());
  let steps = 0;
  const idle = [...all];
  const end = Date.now() + until.duration;
  const turns = (function* () {
    while (Date.now() < end || steps < until.steps || !until.isSeen()) {
      signal.throwIfAborted();
      const [one] = idle.splice(random.integer(0, idle.length - 1), 1);
      if (one === undefined) return;
      yield one;
    }
  })();
  await sideBySide(turns, async (one) => {
    await one.step(random);
    steps++;
    idle.push(one);
  });
  await sideBySide(all.values(), (one) => one.go());
  return steps;
}

async function sideBySide<T>(each: Iterator<T>, act: (one: T) => Promise<void>): Promise<void> {
  const actor = async () => {
    for (let turn = each.next(); turn.done !== true; turn = each.next()) await act(turn.value);
  };
  await Promise.all(Array.from({ length: STEPPING }, actor));
}
