import { setTimeout as delay } from 'node:timers/promises';
import { type CpuTime, ManyRoutes, type Progress } from '../parts/many-routes.ts';
import { timed } from '../parts/timing.ts';
import type { RouteChange } from '../report/routes.ts';
import type { Bench, BenchOptions, Scenario } from './bench.ts';

const SIZES = [1, 50, 300];
/** Changes of each size in a round. */
const CHANGES = 5;
/** Orders at once. */
const TEN = 10;
/** Between two changes: Traefik takes over the next one later where it comes too soon; ms. */
const PAUSE = 200;

/** How soon a route has changed, by how many workspaces have one. The factory's routes and their Traefik, without workspaces. */
export const routeChanges: Scenario = { name: 'route changes', table: 'route-changes', run: measure };

async function measure({ options, routeChanges: found }: Bench): Promise<void> {
  await using routes = await ManyRoutes.start();
  for (const workspaces of SIZES) {
    options.say(`route changes: ${workspaces}`);
    await routes.turnOver(workspaces);
    found.push(await measureChanges(routes, workspaces, options));
  }
}

async function measureChanges(
  routes: ManyRoutes,
  workspaces: number,
  { rounds }: BenchOptions,
): Promise<RouteChange> {
  const progress: Progress[] = [];
  const known: number[] = [];
  const tenKnown: number[] = [];
  const cpu: CpuTime[] = [];
  for (let round = 0; round < rounds.quick; round += 1) {
    for (let change = 0; change < CHANGES; change += 1) {
      await delay(PAUSE);
      progress.push(await routes.watchChange());
      await delay(PAUSE);
      await timed(known, () => routes.turnOver(1));
      await delay(PAUSE);
      if (workspaces >= TEN) await timed(tenKnown, () => routes.turnOver(TEN));
    }
    cpu.push(await routes.cpu(CHANGES));
  }
  return {
    workspaces,
    fileBytes: await routes.fileBytes(),
    written: progress.map(({ written }) => written),
    effect: progress.map(({ effect }) => effect),
    known,
    tenKnown,
    cpu: { factory: cpu.map(({ factory }) => factory), traefik: cpu.map(({ traefik }) => traefik) },
  };
}
