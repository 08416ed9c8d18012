import type { FactoryConfig } from './factory-config.ts';

/** Names that no user has, and the key of the configuration that takes each. */
export type ReservedNames = ReadonlyMap<string, 'routes.reserved' | 'web.host'>;

export interface HostNames {
  readonly domain: string;
  /** The factory's own. */
  readonly webHost: string;
  /** Labels right below the domain. */
  readonly reserved: readonly string[];
}

/**
 * Labels right below the domain that are not for workspaces. The host of a workspace is its user's name or ends in it, so it is such a name, or
 * below one, for a user of that name and for nobody else. Of the factory's own name it is the label right below the domain: the user of that name would
 * have all that is below it, too.
 */
export function reservedNames({ domain, webHost, reserved }: HostNames): ReservedNames {
  const own = webHost.endsWith(`.${domain}`) ? webHost.slice(0, -domain.length - 1) : undefined;
  const label = own?.split('.').at(-1);
  return new Map([
    ...(label === undefined ? [] : [[label, 'web.host'] as const]),
    ...reserved.map((name) => [name, 'routes.reserved'] as const),
  ]);
}

export function reservedIn({
  domain,
  web,
  routes,
}: Pick<FactoryConfig, 'domain' | 'web' | 'routes'>): ReservedNames {
  return reservedNames({ domain, webHost: web.host, reserved: routes.reserved });
}
