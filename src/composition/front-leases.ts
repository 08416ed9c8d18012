import type { Backend } from '../backend/backend.ts';
import { FrontLeases } from '../containerssh/front-leases.ts';
import { clientName } from '../gateway/connection/client-name.ts';
import { type Lifecycle, NOTHING_GIVEN } from '../labs/lab-definition.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import type { Logger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import type { Closers } from './closers.ts';

export interface FrontLeasesParts {
  readonly workspaces: Workspaces;
  readonly backend: Backend;
  readonly labs: LabResolver;
  /** For workspaces whose lab is no longer defined. */
  readonly defaultLifecycle: Lifecycle;
  readonly logger: Logger;
}

/**
 * The leases of a ContainerSSH in front, those of what it left before this factory started among them. They end after the
 * workspaces: a lease that is let go must not suspend what the next factory takes over.
 */
export function createFrontLeases(
  { workspaces, backend, labs, defaultLifecycle, logger }: FrontLeasesParts,
  closers: Closers,
): FrontLeases {
  const leases = new FrontLeases({
    workspaces,
    containers: backend.fronts,
    clusters: backend.clusters,
    leftBehindAfter: (key) =>
      (labs.resolve(key, NOTHING_GIVEN)?.lifecycle ?? defaultLifecycle).leftBehindAfter,
    clientName: (identification) => clientName(identification, []),
    clock: systemClock,
    logger,
  });
  closers.add('sessions of the front', () => leases[Symbol.asyncDispose]());
  return leases;
}
