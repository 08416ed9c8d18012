import { makeCertificate } from '../../test/e2e/harness/certificate.ts';
import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { Download } from '../parts/download.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import { CONNECTIONS, PathTimes, type Site } from '../parts/path-times.ts';
import { inTurn } from '../parts/timing.ts';
import type { PathComparison } from '../report/routes.ts';
import type { Bench, BenchOptions, Scenario } from './bench.ts';

/** One app behind an Ingress: asked for as a browser does, and at the node's own ports, where the cluster's ingress listens. */
export const throughTheRoutes: Scenario = {
  name: 'through the routes',
  table: 'through-the-routes',
  run: measure,
};

/** The same app by one protocol. */
interface TwoWays {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly ours: Site;
  readonly theirs: Site;
}

async function measure({ options, throughTheRoutes: found }: Bench): Promise<void> {
  await using factory = await Factory.start({ grace: '1s', labs: { k3s: CLUSTER_LAB } });
  const ours = await OurWorkspace.of(factory, 'alice');
  await using session = await ours.student.hold({ timeout: 120_000 });
  await ours.kubectlWorks();
  await using download = await Download.run(ours.door.network);
  for (const ways of await deployed(ours, factory, download, options)) {
    options.say(`through the routes: ${ways.protocol}`);
    found.push(...(await compare(ways, options)));
  }
  await session.logOut();
}

/** Deploys the app and a large download, both also by HTTPS; resolves when they answer. */
async function deployed(
  ours: OurWorkspace,
  { domain, endpoints }: Factory,
  download: Download,
  { folder }: BenchOptions,
): Promise<readonly TwoWays[]> {
  const app = `alice.${domain}`;
  const large = `download.${app}`;
  const certificate = await makeCertificate(folder, [app, large]);
  await ours.apply(certificate, await download.manifests(large));
  const names = { app, large };
  const node = await ours.door.address();
  const ca = certificate.pem;
  return [
    {
      protocol: 'HTTP',
      ours: { ...names, at: endpoints.routes.http, ca: undefined },
      theirs: { ...names, at: { host: node, port: 80 }, ca: undefined },
    },
    {
      protocol: 'HTTPS',
      ours: { ...names, at: endpoints.routes.https, ca },
      theirs: { ...names, at: { host: node, port: 443 }, ca },
    },
  ];
}

async function compare(
  { protocol, ours, theirs }: TwoWays,
  { rounds, path }: BenchOptions,
): Promise<readonly PathComparison[]> {
  const [edge, direct] = [new PathTimes(ours), new PathTimes(theirs)];
  await edge.answers();
  await direct.answers();
  await inTurn(rounds.quick, [() => edge.measure(path), () => direct.measure(path)]);
  const of = (what: string, unit: PathComparison['unit'], which: (times: PathTimes) => number[]) => ({
    what: `${protocol}: ${what}`,
    unit,
    ours: which(edge),
    theirs: which(direct),
  });
  return [
    of('a request, p50', 'ms', ({ kept }) => kept.p50),
    of('a request, p99', 'ms', ({ kept }) => kept.p99),
    of('a connection and a request, p50', 'ms', ({ fresh }) => fresh.p50),
    of('a connection and a request, p99', 'ms', ({ fresh }) => fresh.p99),
    of(`${CONNECTIONS} connections`, 'requests/s', ({ rate }) => rate),
    of('a download of 128 MiB', 'MiB/s', ({ download }) => download),
  ];
}
