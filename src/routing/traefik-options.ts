import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type Docker from 'dockerode';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { ENTRY_POINT } from './routing-rules.ts';

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

const MOUNT = '/etc/ssh-lab-factory/routes';

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
 * It needs no capability but that of low ports, and writes nothing.
 */
export function containerOptions(
  setup: TraefikSetup,
  ports: TraefikPorts,
  digest: string,
): Docker.ContainerCreateOptions {
  return {
    name: traefikName(setup.instance),
    Image: setup.image,
    Cmd: staticOptions(setup.listens, ports),
    Labels: {
      [LABEL.instance]: setup.instance,
      [LABEL.role]: 'traefik',
      [TRAEFIK_LABEL.setup]: digest,
      [TRAEFIK_LABEL.ports]: JSON.stringify(ports),
    },
    HostConfig: {
      NetworkMode: 'host',
      Binds: [`${setup.folder}:${MOUNT}:ro`],
      RestartPolicy: { Name: 'unless-stopped' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['NET_BIND_SERVICE'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '2' } },
    },
  };
}

/** Traefik's static configuration (v3) as options. */
function staticOptions(listens: TraefikListens, ports: TraefikPorts): string[] {
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
  ];
}

function entryPoint(name: string, host: string, port: number): string {
  return `--entrypoints.${name}.address=${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
