import { isAtOrBelow } from '../names/at-or-below.ts';
import { parseUsername, type Username } from '../names/username.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';

export interface HostLogins {
  readonly domain: string;
  /** The workspaces of that user that there are. */
  readonly workspacesOf: (user: Username) => readonly WorkspaceKey[];
  readonly hostOf: (key: WorkspaceKey) => string;
}

/**
 * Who has to log in for what answers at `host` (anything, as a request names it): `alice`, or `alice/charts` where a lab has a host of
 * its own. Undefined where the host is no user's.
 */
export function loginForHost(host: string, { domain, workspacesOf, hostOf }: HostLogins): string | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const user = userAt(name, domain);
  if (user === undefined) return undefined;
  const own = `${user}.${domain}`;
  const [nearest] = workspacesOf(user)
    .map((key) => ({ key, host: hostOf(key) }))
    .filter((one) => isAtOrBelow(name, one.host))
    .sort((a, b) => b.host.length - a.host.length);
  return nearest === undefined || nearest.host === own ? user : formatWorkspaceKey(nearest.key);
}

/** The label right before the domain. */
function userAt(name: string, domain: string): Username | undefined {
  const suffix = `.${domain}`;
  if (!name.endsWith(suffix)) return undefined;
  return parseUsername(name.slice(0, -suffix.length).split('.').at(-1) ?? '');
}
