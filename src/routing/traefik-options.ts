import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import type { AcmeAuthority } from '../acme/acme-authority.ts';
import { resolverOptions } from '../acme/traefik-resolver.ts';
import { formatListen } from '../config/listen-address.ts';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { ENTRY_POINT } from './entry-points.ts';
import { OWN_RESOLVER } from './own-name-rules.ts';

/** A host's address and port on which Traefik listens. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface TraefikListens {
  readonly http: Listen;
  readonly https: Listen;
  readonly kube: Listen;
}

export interface TraefikSetup {
  readonly instance: InstanceId;
  readonly image: string;
  /** The folder of the route file, on this host; it must be there. */
  readonly folder: string;
  /** As configured: port 0 is a free one. */
  readonly listens: TraefikListens;
  /** Networks ("10.0.0.0/8") of proxies in front, whose word on the client is taken. */
  readonly trustedProxies?: readonly string[];
  /** The folder with the files of the factory's own certificate, on this host; it must be there. Absent: it has none of files. */
  readonly certificateFolder?: string | undefined;
  /** Who gives out the factory's own certificate; absent: nobody. */
  readonly acme?: OwnAcme | undefined;
}

/** How Traefik gets the certificate of the factory's own name from an ACME server. */
export interface OwnAcme {
  readonly authority: Pick<AcmeAuthority, 'directory' | 'email' | 'lifetime'>;
  /** A folder that it writes to, on this host; it must be there. */
  readonly folder: string;
  /** File in `folder` in which accounts and certificates of this server are kept. */
  readonly storage: string;
  /** File in `folder` with the server's own root, PEM; undefined: a public one. */
  readonly root: string | undefined;
}

/** Labels of our own on Traefik's container: what it was made from, and the ports it has. */
export const TRAEFIK_LABEL = {
  setup: 'ssh-lab-factory.traefik.setup',
  ports: 'ssh-lab-factory.traefik.ports',
} as const;

/** The ports in use, none of them 0. */
export interface TraefikPorts {
  readonly http: number;
  readonly https: number;
  readonly kube: number;
  /** On 127.0.0.1. */
  readonly api: number;
}

/** Where Traefik sees the folder of the routes. */
const MOUNT = '/etc/ssh-lab-factory/routes';
/** Where it sees the files of the factory's own certificate. */
export const CERTIFICATE_MOUNT = '/etc/ssh-lab-factory/certificate';
/** Where it keeps what an ACME server gave it. */
const ACME_MOUNT = '/etc/ssh-lab-factory/acme';

export function traefikName(instance: InstanceId): string {
  return `ssh-lab-factory.${instance}.traefik`;
}

/** Two setups with the same digest make the same container, but for ports that were left to chance. */
export function setupDigest(setup: TraefikSetup): string {
  const zero: TraefikPorts = { http: 0, https: 0, kube: 0, api: 0 };
  return createHash('sha256')
    .update(JSON.stringify([setup.listens, containerOptions(setup, zero, '')]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Traefik in the host's network: it reaches every cluster's bridge without joining it and sees the students' addresses.
 * It needs no capability but that of low ports, and writes nothing but the certificate of the factory's own name, where it gets that itself.
 */
export function containerOptions(
  setup: TraefikSetup,
  ports: TraefikPorts,
  digest: string,
): Docker.ContainerCreateOptions {
  return {
    name: traefikName(setup.instance),
    Image: setup.image,
    Cmd: staticOptions(setup, ports),
    Labels: {
      [LABEL.instance]: setup.instance,
      [LABEL.role]: 'traefik',
      [TRAEFIK_LABEL.setup]: digest,
      [TRAEFIK_LABEL.ports]: JSON.stringify(ports),
    },
    HostConfig: {
      NetworkMode: 'host',
      Binds: binds(setup),
      RestartPolicy: { Name: 'unless-stopped' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['NET_BIND_SERVICE'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '2' } },
    },
  };
}

function binds({ folder, certificateFolder, acme }: TraefikSetup): string[] {
  return [
    `${folder}:${MOUNT}:ro`,
    ...(certificateFolder === undefined ? [] : [`${certificateFolder}:${CERTIFICATE_MOUNT}:ro`]),
    ...(acme === undefined ? [] : [`${acme.folder}:${ACME_MOUNT}`]),
  ];
}

/** Traefik's static configuration (v3) as options. */
function staticOptions(setup: TraefikSetup, ports: TraefikPorts): string[] {
  const { listens, trustedProxies = [], acme } = setup;
  return [
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    '--log.level=WARN',
    '--api.insecure=true',
    '--api.dashboard=false',
    `--entrypoints.${ENTRY_POINT.api}.address=127.0.0.1:${ports.api}`,
    `--providers.file.directory=${MOUNT}`,
    '--providers.file.watch=true',
    // The default of 2 s is how long a request could still go to a cluster that is about to be paused.
    '--providers.providersthrottleduration=50ms',
    entryPoint(ENTRY_POINT.http, listens.http.host, ports.http),
    entryPoint(ENTRY_POINT.https, listens.https.host, ports.https),
    entryPoint(ENTRY_POINT.kube, listens.kube.host, ports.kube),
    // How long a request may take to come in, body included: an upload over a slow line outlasts the default of 60 s.
    // WebSockets and TLS that is passed on have no limit once they are set up.
    `--entrypoints.${ENTRY_POINT.http}.transport.respondingtimeouts.readtimeout=1h`,
    ...[ENTRY_POINT.http, ENTRY_POINT.https].map(challengesPass),
    ...(trustedProxies.length === 0 ? [] : ENTRY_POINTS.flatMap((name) => trust(name, trustedProxies))),
    ...(acme === undefined ? [] : resolver(acme)),
  ];
}

const ENTRY_POINTS = [ENTRY_POINT.http, ENTRY_POINT.https, ENTRY_POINT.kube];

/**
 * A challenge for a student's host is the student's, though Traefik has a resolver of its own: without this every hello with
 * `acme-tls/1` (RFC 8737) would be answered by that resolver (Traefik ≥ 3.3, `EnableACMETLSPassthrough`).
 */
function challengesPass(entryPoint: string): string {
  return `--entrypoints.${entryPoint}.allowacmebypass=true`;
}

function trust(entryPoint: string, networks: readonly string[]): string[] {
  const ips = networks.join(',');
  return [
    `--entrypoints.${entryPoint}.forwardedheaders.trustedips=${ips}`,
    `--entrypoints.${entryPoint}.proxyprotocol.trustedips=${ips}`,
  ];
}

/**
 * By TLS-ALPN-01: HTTP-01 would put a router of Traefik's own before the page for unknown hosts, and HTTPS needs the same port
 * anyway.
 */
function resolver({ authority, storage, root }: OwnAcme): string[] {
  const own = { name: OWN_RESOLVER, storage: `${ACME_MOUNT}/${storage}`, challenge: 'tlschallenge=true' };
  return [
    ...resolverOptions(authority, own),
    ...(root === undefined ? [] : trustBesidePublic(`${ACME_MOUNT}/${root}`)),
  ];
}

/** The root of what an authority gives out need not be that of its own server: Let's Encrypt's staging has a public one. */
function trustBesidePublic(root: string): string[] {
  const acme = `--certificatesresolvers.${OWN_RESOLVER}.acme`;
  return [`${acme}.cacertificates=${root}`, `${acme}.casystemcertpool=true`];
}

function entryPoint(name: string, host: string, port: number): string {
  return `--entrypoints.${name}.address=${formatListen({ host, port })}`;
}
