import { mkdir } from 'node:fs/promises';
import { assertNoUnfinishedRestore } from '../backup/restore-records.ts';
import { openHostKeys } from '../gateway/keys/host-keys.ts';
import { openInnerKey } from '../gateway/keys/inner-key.ts';
import { openHistory } from '../history/history.ts';
import { makeCertificateFolder } from '../routing/own-certificate.ts';
import { systemClock } from '../time/clock.ts';
import { openTokens } from '../tokens/open-tokens.ts';
import type { Closers } from './closers.ts';
import { openInstanceId } from './instance-id-file.ts';
import { openGroups } from './open-groups.ts';
import { openIdentity } from './open-identity.ts';
import { openLabs } from './open-labs.ts';
import { ownCertificateFolder, routesFolder } from './routes-folder.ts';
import type { StartRequest } from './start-request.ts';

/** What is the factory's own before anything runs: its place in the data folder, who may come, and what they get. */
export async function openSite(request: StartRequest, closers: Closers) {
  const { config, logger } = request;
  const { data } = config;
  await mkdir(data, { recursive: true, mode: 0o700 });
  await assertNoUnfinishedRestore(data);
  const [hostKeys, innerKey] = await Promise.all([openHostKeys(data), openInnerKey(data)]);
  const history = openHistory({ data, clock: systemClock, logger });
  closers.add('history', () => history.close());
  const tokens = await openTokens({ data, instance: await openInstanceId(data), clock: systemClock, logger });
  closers.add('tokens', async () => tokens[Symbol.asyncDispose]());
  const identity = openIdentity(config, request, logger);
  closers.add('identity', () => identity[Symbol.asyncDispose]());
  // Before Traefik: Docker would make it itself, as root's.
  await mkdir(routesFolder(data), { recursive: true, mode: 0o755 });
  if (config.web.tls?.kind === 'files') await makeCertificateFolder(ownCertificateFolder(data));
  const groups = openGroups(request, closers);
  const labs = openLabs(request, groups);
  return { data, hostKeys, innerKey, history, tokens, identity, groups, labs };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
