import { type App, untilAppAnswers } from './app.ts';
import type { ClusterDoor } from './cluster-door.ts';

/** Notes when a cluster's API and the app on it answer, ms since `began` (of `performance.now`). Looks every `every` ms. */
export async function noteAnswers(
  cluster: { readonly door: ClusterDoor; readonly app: App },
  found: { readonly api: number[]; readonly app: number[] },
  began: number,
  every: number,
): Promise<void> {
  const api = async () => {
    await cluster.door.untilApiAnswers(every);
    found.api.push(performance.now() - began);
  };
  const app = async () => {
    await untilAppAnswers(cluster.app, every);
    found.app.push(performance.now() - began);
  };
  await Promise.all([api(), app()]);
}
