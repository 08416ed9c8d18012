import { dockerNames } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { ENTRY_POINT } from './entry-points.ts';
import { asksForMorePriority, exactSniRule, grpcRule, hostRule, sniRule } from './host-rules.ts';

const HTTP_PORT = 80;
const TLS_PORT = 443;
/** Of k3s's API, in the node. */
const KUBE_PORT = 6443;

/**
 * Labels of a cluster's first server for a Traefik (v3) of the operator's own with the Docker provider: what the route file says of an
 * awake workspace, in the form of https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/.
 */
export function traefikLabels(instance: InstanceId, key: WorkspaceKey, host: string): Record<string, string> {
  const name = routerName(instance, key);
  const kube = `${name}_kube`;
  const grpc = `${name}_grpc`;
  return {
    'traefik.enable': 'true',
    // The node's only network, until somebody connects it to another.
    'traefik.docker.network': dockerNames(instance, key).clusterNetwork,
    ...overHttp(name, hostRule(host)),
    ...overHttp(grpc, grpcRule(host)),
    [`traefik.http.routers.${grpc}.priority`]: String(asksForMorePriority(host)),
    [`traefik.http.services.${grpc}.loadbalancer.server.scheme`]: 'h2c',
    ...passedThrough(name, sniRule(host), ENTRY_POINT.https, TLS_PORT),
    ...passedThrough(kube, exactSniRule(host), ENTRY_POINT.kube, KUBE_PORT),
  };
}

/** Requests that go to the node's HTTP port. */
function overHttp(name: string, rule: string): Record<string, string> {
  return {
    [`traefik.http.routers.${name}.rule`]: rule,
    [`traefik.http.routers.${name}.entrypoints`]: ENTRY_POINT.http,
    [`traefik.http.routers.${name}.service`]: name,
    [`traefik.http.services.${name}.loadbalancer.server.port`]: String(HTTP_PORT),
  };
}

/** TLS that goes to a port of the node unopened. */
function passedThrough(name: string, rule: string, entryPoint: string, port: number): Record<string, string> {
  return {
    [`traefik.tcp.routers.${name}.rule`]: rule,
    [`traefik.tcp.routers.${name}.entrypoints`]: entryPoint,
    [`traefik.tcp.routers.${name}.tls.passthrough`]: 'true',
    [`traefik.tcp.routers.${name}.service`]: name,
    [`traefik.tcp.services.${name}.loadbalancer.server.port`]: String(port),
  };
}

/**
 * Traefik's name for a workspace among all that its Docker provider sees. A dot would end a name in a label's key; no part has an
 * underscore, so no two workspaces share a name.
 */
function routerName(instance: InstanceId, key: WorkspaceKey): string {
  return `${instance}_${key.user}_${key.lab}`;
}
