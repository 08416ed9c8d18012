import type { Backend } from '../backend/backend.ts';
import { FrontLeases } from '../containerssh/leases/front-leases.ts';
import { clientName } from '../gateway/connection/client-name.ts';
import type { Logger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import type { Closers } from './closers.ts';

/**
 * The leases of a ContainerSSH in front, also for what it left before this factory started. It ends after the workspaces do, whose closer
 * is added later: what it holds must not be suspended, because the next factory takes it over.
 */
export function createFrontLeases(
  backend: Backend,
  workspaces: Pick<Workspaces, 'lease'>,
  logger: Logger,
  closers: Closers,
): FrontLeases {
  const leases = new FrontLeases({
    workspaces,
    containers: backend.fronts,
    clusters: backend.clusters,
    clientName: (identification) => clientName(identification, []),
    clock: systemClock,
    logger,
  });
  closers.add('sessions of the front', () => leases[Symbol.asyncDispose]());
  return leases;
}
