import { startContainerSshServer } from '../containerssh/containerssh-server.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import type { Closers } from './closers.ts';
import type { Site } from './open-site.ts';
import type { Endpoint } from './running-factory.ts';
import type { StartRequest } from './start-request.ts';
import type { House } from './start-workspaces.ts';

/** The webhooks for a ContainerSSH in front, where there is to be one. Rejects as `startContainerSshServer`. */
export async function startContainerSsh(
  { config: { containerssh: config }, labs, logger }: Pick<StartRequest, 'config' | 'labs' | 'logger'>,
  { identity, groups }: Pick<Site, 'identity' | 'groups'>,
  { frontLeases: sessions }: Pick<House, 'frontLeases'>,
  closers: Closers,
): Promise<Endpoint | undefined> {
  if (config === undefined) return undefined;
  const labAccess = createLabAccess(groups, labs);
  const server = await startContainerSshServer({ config, identity, labAccess, sessions, logger });
  closers.add('webhooks for ContainerSSH', () => server.close());
  return server.address;
}
