import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LABEL } from '../../src/names/docker-names.ts';
import { makeCertificate } from './harness/certificate.ts';
import { type Container, containersWith, docker } from './harness/docker.ts';
import { deployDownloads } from './harness/download-app.ts';
import { EventRecorder } from './harness/event-recorder.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { HeldDownload } from './harness/held-download.ts';
import { request } from './harness/http-request.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import { type Visited, Visitors } from './harness/visitors.ts';
import { CyclingCluster } from './survival/cycling-cluster.ts';

const ALICE = 'alice.lab.test';
const ROUNDS = 8;
/** After so many it is too late for anybody to have seen the page before the pause. */
const MOST_ROUNDS = 2 * ROUNDS;
/** So often a sleeping host is visited in each. */
const VISITS_ASLEEP = 10;

/** What is waited for in turn may take longer than a test does as a rule; ms. */
const LONGEST = 10 * 60_000;

const stack = new AsyncDisposableStack();
let factory: Factory;
let recorder: EventRecorder;
let bob: CyclingCluster;
let downloads: readonly HeldDownload[];
let visitors: Visitors;

const alicesApp: Visited = { host: ALICE, expected: 'alice', changes: 0, isOwn: (says) => says === 'alice' };
const nobody: Visited = { host: 'carol.lab.test', expected: 'nobody', changes: 0, isOwn: () => false };

beforeAll(async () => {
  recorder = stack.use(await EventRecorder.start());
  // Longer than all of this takes: an end of the factory is the end of every session.
  factory = stack.use(await Factory.start({ grace: '15m', config: { shutdown: { timeout: '1s' } } }));
  const { http, https } = factory.endpoints.routes;
  const alice = await factory.student('alice');
  const certificate = await makeCertificate(factory.folder, [ALICE]);
  const making = CyclingCluster.make(factory, 'bob');
  stack.use(await alice.hold());
  await clusterOfUse(alice);
  await deployDownloads(alice, { name: 'app', says: 'alice', hosts: [ALICE], certificate }, http);
  bob = await making;

  const over = (url: string, at: typeof http) => HeldDownload.open({ url, at, ca: certificate.pem });
  downloads = await Promise.all([
    over(`http://${ALICE}/download`, http),
    over(`https://${ALICE}/download`, https),
  ]);
  for (const download of downloads) stack.use(download);
  const hosts = [alicesApp, bob, bob, bob, nobody];
  let turn = 0;
  visitors = stack.use(new Visitors({ at: http, visitors: 4, choose: () => hosts[turn++ % hosts.length] }));
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

describe('while two downloads are held open and the routes are in use', { timeout: LONGEST }, () => {
  test.each([
    { how: 'stopped in order', end: async () => void (await factory.stop()) },
    { how: 'killed', end: () => factory.kill() },
  ])('the factory is $how and started again: nobody on the routes notices', async ({ end }) => {
    const before = await traefik();
    const { routes } = factory.endpoints;
    await end();
    await allGoOn('there is no factory');
    await factory.startAgain();
    expect(factory.endpoints.routes).toEqual(routes);
    expect((await traefik()).Id).toBe(before.Id);
    await bob.student.run('@cluster status --wait');
    await allGoOn('there is a factory again');
  });

  test('a cluster is suspended and woken: its page is there before its node is paused, and nothing ever hangs', async () => {
    const instance = await factory.instance();
    let [round, seenBefore] = [0, 0];
    // Whether a visit falls between the page and the pause is for chance to say.
    while (round < ROUNDS || (seenBefore === 0 && round < MOST_ROUNDS)) {
      round++;
      const from = Date.now();
      await bob.sleep('suspend');
      const { at } = await recorder.next(
        instance,
        { user: 'bob', role: 'node', action: 'pause' },
        from,
        PATIENCE,
      );
      await visitors.see('asleep', VISITS_ASLEEP);
      // While the order was being carried out.
      const visits = visitors.atAChange.filter(({ host, sentAt }) => host === bob.host && sentAt >= from);
      expect(visits.filter(({ sentAt, answer }) => sentAt >= at && answer !== 'asleep')).toEqual([]);
      if (visits.some(({ sentAt, took, answer }) => answer === 'asleep' && sentAt + took < at)) seenBefore++;
      await bob.wake();
    }
    process.stdout.write(`in ${seenBefore} of ${round} rounds somebody saw the page before the pause\n`);
    expect(seenBefore).toBeGreaterThan(0);
    await allGoOn('bob is back');
  });

  test('in all that time every answer was the right one, and each byte came', async () => {
    await visitors.end();
    process.stdout.write(
      `answers ${JSON.stringify(Object.fromEntries(visitors.right))}, at a change ${JSON.stringify(visitors.talliedAtAChange)}; `,
    );
    expect(visitors.wrong).toEqual([]);
    for (const kind of ['app', 'asleep', 'nobody']) expect(visitors.right.get(kind)).toBeGreaterThan(20);
    await request({ url: `http://${ALICE}/end`, at: factory.endpoints.routes.http });
    for (const download of downloads) {
      const lines = await download.whole();
      process.stdout.write(`${lines} lines from ${download.url}\n`);
      expect(lines).toBeGreaterThan(1_000);
    }
  });
});

describe('Traefik is back by itself, with the same routes', () => {
  test.each([
    { how: 'restarted', end: ({ Id }: Container) => docker(['restart', '--time', '1', Id]) },
    { how: 'killed by the engine', end: ({ Id }: Container) => docker(['kill', Id]) },
    { how: 'stopped', end: ({ Id }: Container) => docker(['stop', '--time', '1', Id]) },
    {
      how: 'ended by its own process',
      end: async ({ State }: Container) => void process.kill(State.Pid, 'SIGKILL'),
    },
  ])('when it was $how', async ({ how, end }) => {
    const before = await traefik();
    await end(before);
    const began = Date.now();
    await eventually(async () => (await traefik()).State.StartedAt !== before.State.StartedAt, {
      what: 'Traefik runs again',
      every: 20,
    });
    const at = factory.endpoints.routes.http;
    for (const { host, says } of [
      { host: ALICE, says: 'alice' },
      { host: bob.host, says: 'hello from bob' },
    ]) {
      await eventually(async () => (await request({ url: `http://${host}/`, at })).body.includes(says), {
        what: `${host} answers`,
        every: 20,
      });
    }
    process.stdout.write(`Traefik, ${how}: answers after ${Date.now() - began} ms\n`);
    expect((await request({ url: `http://${nobody.host}/`, at })).status).toBe(404);
  });
});

async function allGoOn(after: string): Promise<void> {
  await Promise.all(downloads.map((download) => download.goesOn(after)));
}

async function traefik(): Promise<Container> {
  const labels = [`${LABEL.instance}=${await factory.instance()}`, `${LABEL.role}=traefik`];
  const [found] = await containersWith(...labels);
  if (found === undefined) throw new Error('there is no Traefik');
  return found;
}
