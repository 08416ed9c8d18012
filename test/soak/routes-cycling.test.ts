import { expect, test } from 'vitest';
import { makeCertificate } from '../e2e/harness/certificate.ts';
import { deployDownloads } from '../e2e/harness/download-app.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { HeldDownload } from '../e2e/harness/held-download.ts';
import { request } from '../e2e/harness/http-request.ts';
import { clusterOfUse } from '../e2e/harness/kubectl.ts';
import { Visitors } from '../e2e/harness/visitors.ts';
import { CyclingCluster } from '../e2e/survival/cycling-cluster.ts';
import { Random } from './random.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);
const SEED = Number(process.env.SOAK_SEED ?? Date.now());
const STUDENTS = ['bob', 'carol', 'dave', 'erin'];
const ALICE = 'alice.lab.test';
/** So often sleeping hosts are visited before one of them is woken. */
const VISITS_ASLEEP = 20;

/** What happens to a cluster, the dearest the least often. */
const TURNS: ReadonlyArray<(cluster: CyclingCluster) => Promise<void>> = [
  ...Array.from({ length: 4 }, () => (cluster: CyclingCluster) => cluster.sleep('suspend')),
  ...Array.from({ length: 2 }, () => (cluster: CyclingCluster) => cluster.sleep('stop')),
  (cluster) => cluster.reset(),
];

test(`${STUDENTS.length} clusters cycle, ${ROUNDS} rounds each, while they are visited and a fifth is downloaded from, seed ${SEED}`, {
  timeout: 600_000 + ROUNDS * 180_000,
}, async (context) => {
  await using stack = new AsyncDisposableStack();
  const factory = stack.use(await Factory.start({ grace: '24h' }));
  factory.showLogOnFailure(context);
  const { http, https } = factory.endpoints.routes;
  const certificate = await makeCertificate(factory.folder, [ALICE]);
  const alice = await factory.student('alice');
  stack.use(await alice.hold());
  await clusterOfUse(alice);
  await deployDownloads(alice, { name: 'app', says: 'alice', hosts: [ALICE], certificate }, http);
  const clusters: CyclingCluster[] = [];
  for (const name of STUDENTS) clusters.push(await CyclingCluster.make(factory, name));

  const over = (scheme: string, at: typeof http) =>
    HeldDownload.open({ url: `${scheme}://${ALICE}/download`, at, ca: certificate.pem });
  const downloads = [stack.use(await over('http', http)), stack.use(await over('https', https))];
  let turn = 0;
  const choose = () => clusters[turn++ % clusters.length];
  const visitors = stack.use(new Visitors({ at: http, visitors: 8, choose }));
  const random = new Random(SEED);
  const began = Date.now();
  await Promise.all(
    clusters.map((cluster) => cycle(cluster, visitors, new Random(random.integer(0, 2 ** 31)))),
  );
  await visitors.end();

  const { right, talliedAtAChange, wrong } = visitors;
  for (const download of downloads) await download.goesOn('all have cycled');
  await request({ url: `http://${ALICE}/end`, at: http });
  const lines = await Promise.all(downloads.map((download) => download.whole()));
  process.stdout.write(
    `${Math.round((Date.now() - began) / 1_000)} s; answers ${JSON.stringify(Object.fromEntries(right))}, at a change ${JSON.stringify(talliedAtAChange)}; ${lines} lines\n`,
  );
  expect(wrong, `seed ${SEED}`).toEqual([]);
  for (const kind of ['app', 'asleep']) expect(right.get(kind)).toBeGreaterThan(ROUNDS);
});

async function cycle(cluster: CyclingCluster, visitors: Visitors, random: Random): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await TURNS[random.integer(0, TURNS.length - 1)]?.(cluster);
    if (cluster.expected !== 'asleep') continue;
    await visitors.see('asleep', VISITS_ASLEEP);
    await cluster.wake();
  }
}
