import type { AcmeAuthority } from '../acme/acme-authority.ts';
import type { FactoryConfig } from '../config/factory-config.ts';
import { prepareOwnAcme } from '../routing/own-acme.ts';
import { OwnCertificate } from '../routing/own-certificate.ts';
import type { OwnName } from '../routing/own-name-rules.ts';
import type { TraefikSetup } from '../routing/traefik-options.ts';
import { systemClock } from '../time/clock.ts';
import type { Closers } from './closers.ts';
import { ownAcmeFolder, ownCertificateFolder } from './routes-folder.ts';
import type { StartRequest } from './start-request.ts';

/** The factory's own name as the routes have it, now and after each renewal of its certificate. */
export interface LiveOwnName {
  current(): OwnName;
  /** Renewals are taken over from now on. `publish`: puts the current one in force. */
  follow(publish: () => Promise<void>): void;
}

/** Rejects as `OwnCertificate.open` does. */
export async function openOwnName(
  { web: { host, tls }, data }: Pick<FactoryConfig, 'web' | 'data'>,
  { logger, stop }: Pick<StartRequest, 'logger' | 'stop'>,
  closers: Closers,
): Promise<LiveOwnName> {
  if (tls?.kind !== 'files') return { current: () => ({ host, tls }), follow: () => {} };
  const folder = ownCertificateFolder(data);
  const certificate = await OwnCertificate.open(
    { files: tls, host, folder, clock: systemClock, logger },
    stop,
  );
  closers.add('own certificate', () => certificate[Symbol.asyncDispose]());
  return {
    current: () => ({ host, tls: { kind: 'files', ...certificate.placed } }),
    follow: (publish) => certificate.follow(publish),
  };
}

/** What Traefik's container needs for it. `data`: of the process that makes the container. */
export async function traefikForOwnName(
  { web: { tls }, data: gatewayData }: FactoryConfig,
  authority: AcmeAuthority,
  data: string,
): Promise<Pick<TraefikSetup, 'certificateFolder' | 'acme'>> {
  return {
    certificateFolder: tls?.kind === 'files' ? ownCertificateFolder(gatewayData) : undefined,
    acme: tls?.kind === 'acme' ? await prepareOwnAcme(authority, ownAcmeFolder(data)) : undefined,
  };
}
