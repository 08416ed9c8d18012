import { assertPortsFree } from '../config/ports-free.ts';
import type { Settings } from './settings.ts';

/** What the factory itself listens on. */
export function assertOwnPortsFree(settings: Settings, workingFolder: string): Promise<void> {
  const { config, problemAt } = settings;
  const listens = [
    { path: ['ssh', 'listen'], address: config.ssh.listen },
    { path: ['web', 'listen'], address: config.web.listen },
  ];
  return assertPortsFree({ listens, problemAt, workingFolder });
}

/** What its Traefik listens on. `held`: the ports that one of this factory's own has already. */
export function assertRoutePortsFree(
  settings: Settings,
  workingFolder: string,
  held: readonly number[],
): Promise<void> {
  const { config, problemAt } = settings;
  const listens = [
    { path: ['routes', 'http'], address: config.routes.http },
    { path: ['routes', 'https'], address: config.routes.https },
    { path: ['routes', 'kube'], address: config.routes.kube },
  ].filter(({ address }) => !held.includes(address.port));
  return assertPortsFree({ listens, problemAt, workingFolder });
}
