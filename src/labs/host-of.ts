import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { NOTHING_GIVEN } from './lab-definition.ts';
import type { LabResolver } from './lab-resolver.ts';

/** The host under which a workspace's Ingresses answer; its subdomains belong to it as well. */
export type HostOf = (key: WorkspaceKey) => string;

/**
 * Hosts as the labs say, below the factory's domain. Of a lab that is not there any more, or that is not valid for its user, it is the
 * user's own: nobody else has that, and one bad lab must not take the routes of all.
 */
export function createHostOf(labs: Pick<LabResolver, 'resolve'>, domain: string): HostOf {
  return (key) => `${hostBelow(labs, key)}.${domain}`;
}

function hostBelow(labs: Pick<LabResolver, 'resolve'>, key: WorkspaceKey): string {
  try {
    return labs.resolve(key, NOTHING_GIVEN)?.routes.host ?? key.user;
  } catch (error) {
    if (error instanceof FactoryError && error.code === 'LAB_INVALID') return key.user;
    throw error;
  }
}
