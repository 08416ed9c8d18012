import { httpRule, kubeRule, tlsRule } from './host-rules.ts';
import type { HostRoute } from './route-table.ts';

/** Traefik's entry points, as its static options name them. */
export const ENTRY_POINT = { http: 'web', https: 'websecure', kube: 'kube', api: 'traefik' } as const;

export interface RoutingOptions {
  /** URL of the factory's web server, which serves `/asleep`; no path. */
  readonly asleepPage: string;
  /** Named in the configuration, so that Traefik's API can be asked whether this one has been taken over. */
  readonly generation: string;
}

/** The name of the middleware that marks a generation; no router uses it. */
export function generationMarker(generation: string): string {
  return `generation-${generation}`;
}

type Section = Record<string, object>;

/**
 * Traefik's dynamic configuration (v3) for these hosts. A host and its subdomains of any depth go to the cluster's own
 * ingress: HTTP as it is, TLS unopened (by SNI), and on the kube entry point to its Kubernetes API, unopened as well. A
 * host asleep has HTTP alone. Where no router matches, HTTP gets a plain 404 and TLS is refused: we hold no certificate.
 */
export function traefikConfiguration(hosts: readonly HostRoute[], options: RoutingOptions): object {
  const routers: Section = {};
  const services: Section = { asleep: httpService(options.asleepPage) };
  const tcpRouters: Section = {};
  const tcpServices: Section = {};
  for (const { host, route } of hosts) {
    if (route.kind === 'asleep') {
      routers[host] = { ...httpRouter(host, 'asleep'), middlewares: ['asleep-page'] };
      continue;
    }
    const { ingress, api } = route.addresses;
    routers[host] = httpRouter(host, host);
    services[host] = httpService(`http://${ingress}:80`);
    tcpRouters[host] = tlsRouter(tlsRule(host), ENTRY_POINT.https, host);
    tcpServices[host] = tcpService(ingress, 443);
    tcpRouters[kubeName(host)] = tlsRouter(kubeRule(host), ENTRY_POINT.kube, kubeName(host));
    tcpServices[kubeName(host)] = tcpService(api.host, api.port);
  }
  return {
    http: {
      // Traefik refuses a whole file for one empty section in it.
      ...(Object.keys(routers).length > 0 && { routers }),
      services,
      middlewares: {
        'asleep-page': { replacePath: { path: '/asleep' } },
        [generationMarker(options.generation)]: { replacePath: { path: '/' } },
      },
      serversTransports: { workspace: { forwardingTimeouts: { dialTimeout: '5s' } } },
    },
    ...(Object.keys(tcpRouters).length > 0 && { tcp: { routers: tcpRouters, services: tcpServices } }),
    tls: { options: { default: { sniStrict: true } } },
  };
}

/** No host has an underscore, so this is never the name of another user's host, as "kube-alice" would be. */
function kubeName(host: string): string {
  return `kube_${host}`;
}

function httpRouter(host: string, service: string): object {
  return { rule: httpRule(host), entryPoints: [ENTRY_POINT.http], service };
}

function httpService(url: string): object {
  return { loadBalancer: { servers: [{ url }], passHostHeader: true, serversTransport: 'workspace' } };
}

function tlsRouter(rule: string, entryPoint: string, service: string): object {
  return { rule, entryPoints: [entryPoint], service, tls: { passthrough: true } };
}

function tcpService(host: string, port: number): object {
  return { loadBalancer: { servers: [{ address: `${host}:${port}` }] } };
}
