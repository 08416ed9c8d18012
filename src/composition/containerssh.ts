import { startContainerSshServer } from '../containerssh/containerssh-server.ts';
import type { FrontDeskOptions } from '../containerssh/front-desk.ts';
import type { Closers } from './closers.ts';
import type { Endpoint } from './running-factory.ts';
import type { StartRequest } from './start-request.ts';

/**
 * The webhooks for a ContainerSSH in front, where the configuration has one; else undefined. To be started when `sessions` have taken
 * over what there is. Rejects as `startContainerSshServer`.
 */
export async function startContainerSsh(
  { config, logger }: Pick<StartRequest, 'config' | 'logger'>,
  desk: Omit<FrontDeskOptions, 'logger'>,
  closers: Closers,
): Promise<Endpoint | undefined> {
  if (config.containerssh === undefined) return undefined;
  const server = await startContainerSshServer({ ...desk, config: config.containerssh, logger });
  closers.add('webhooks for ContainerSSH', () => server.close());
  return server.address;
}
