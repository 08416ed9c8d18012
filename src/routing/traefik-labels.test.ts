import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { traefikConfiguration } from './routing-rules.ts';
import { traefikLabels } from './traefik-labels.ts';

const instance = some(parseInstanceId('0123abcd'));
const alice = some(parseWorkspaceKey('alice', 'k3s'));
const host = 'alice.lab.example.org';

test('the labels of a cluster', () => {
  expect(traefikLabels(instance, alice, host)).toMatchInlineSnapshot(`
    {
      "traefik.docker.network": "k3d-alice-0960abf112f4a7ebe4ee",
      "traefik.enable": "true",
      "traefik.http.routers.0123abcd_alice_k3s.entrypoints": "web",
      "traefik.http.routers.0123abcd_alice_k3s.rule": "Host(\`alice.lab.example.org\`) || HostRegexp(\`(?i)^([a-z0-9_-]+\\.)+alice\\.lab\\.example\\.org\\.?$\`)",
      "traefik.http.routers.0123abcd_alice_k3s.service": "0123abcd_alice_k3s",
      "traefik.http.routers.0123abcd_alice_k3s_grpc.entrypoints": "web",
      "traefik.http.routers.0123abcd_alice_k3s_grpc.priority": "97",
      "traefik.http.routers.0123abcd_alice_k3s_grpc.rule": "(Host(\`alice.lab.example.org\`) || HostRegexp(\`(?i)^([a-z0-9_-]+\\.)+alice\\.lab\\.example\\.org\\.?$\`)) && HeaderRegexp(\`Content-Type\`, \`(?i)^application/grpc($|[+;])\`)",
      "traefik.http.routers.0123abcd_alice_k3s_grpc.service": "0123abcd_alice_k3s_grpc",
      "traefik.http.services.0123abcd_alice_k3s.loadbalancer.server.port": "80",
      "traefik.http.services.0123abcd_alice_k3s_grpc.loadbalancer.server.port": "80",
      "traefik.http.services.0123abcd_alice_k3s_grpc.loadbalancer.server.scheme": "h2c",
      "traefik.tcp.routers.0123abcd_alice_k3s.entrypoints": "websecure",
      "traefik.tcp.routers.0123abcd_alice_k3s.rule": "HostSNI(\`alice.lab.example.org\`) || HostSNIRegexp(\`(?i)^([a-z0-9_-]+\\.)+alice\\.lab\\.example\\.org\\.?$\`)",
      "traefik.tcp.routers.0123abcd_alice_k3s.service": "0123abcd_alice_k3s",
      "traefik.tcp.routers.0123abcd_alice_k3s.tls.passthrough": "true",
      "traefik.tcp.routers.0123abcd_alice_k3s_kube.entrypoints": "kube",
      "traefik.tcp.routers.0123abcd_alice_k3s_kube.rule": "HostSNI(\`alice.lab.example.org\`)",
      "traefik.tcp.routers.0123abcd_alice_k3s_kube.service": "0123abcd_alice_k3s_kube",
      "traefik.tcp.routers.0123abcd_alice_k3s_kube.tls.passthrough": "true",
      "traefik.tcp.services.0123abcd_alice_k3s.loadbalancer.server.port": "443",
      "traefik.tcp.services.0123abcd_alice_k3s_kube.loadbalancer.server.port": "6443",
    }
  `);
});

test('say of a host what the route file says', () => {
  const addresses = { ingress: '10.209.1.3', api: { host: '10.209.1.3', port: 6443 } };
  const own = { host: 'lab.example.org', tls: undefined };
  const options = {
    web: 'http://127.0.0.1:8080',
    kube: { host: '127.0.0.1', port: 6443 },
    own,
    httpsPort: 443,
    generation: 'g1',
  };
  const file = traefikConfiguration([{ host, route: { kind: 'awake', addresses } }], options);
  const { http, tcp } = JSON.parse(JSON.stringify(file));
  const labels = traefikLabels(instance, alice, host);
  const name = '0123abcd_alice_k3s';
  const ofLabels = (protocol: string, router: string) => ({
    rule: labels[`traefik.${protocol}.routers.${router}.rule`],
    entryPoints: [labels[`traefik.${protocol}.routers.${router}.entrypoints`]],
  });
  expect(http.routers[host]).toMatchObject(ofLabels('http', name));
  expect(http.routers[`grpc_${host}`]).toMatchObject(ofLabels('http', `${name}_grpc`));
  expect(String(http.routers[`grpc_${host}`].priority)).toBe(
    labels[`traefik.http.routers.${name}_grpc.priority`],
  );
  expect(tcp.routers[host]).toMatchObject(ofLabels('tcp', name));
  expect(tcp.routers[`kube_${host}`]).toMatchObject(ofLabels('tcp', `${name}_kube`));
});

test('no two workspaces have a router or a service of the same name, and no name breaks a key in two', () => {
  // Few letters, so that names which differ only in where a hyphen belongs come up often.
  const name = fc.stringMatching(/^[ab1](-?[ab1]){0,3}$/);
  const key = fc.tuple(name, name).map(([user, lab]) => some(parseWorkspaceKey(user, lab)));
  fc.assert(
    fc.property(key, key, (one, other) => {
      fc.pre(formatWorkspaceKey(one) !== formatWorkspaceKey(other));
      const [names, others] = [namesOf(one), namesOf(other)];
      expect(names.filter((each) => others.includes(each))).toEqual([]);
    }),
  );
});

/** Of routers and services, as Traefik reads the keys: what is between two dots. */
function namesOf(key: WorkspaceKey): string[] {
  const keys = Object.keys(traefikLabels(instance, key, host)).filter(
    (each) => !/^traefik\.(enable|docker\.)/.test(each),
  );
  const read = keys.map((each) => {
    const found =
      /^traefik\.(?:http|tcp)\.(?:routers|services)\.([a-z0-9_-]+)\.(?:rule|entrypoints|service|priority|tls\.passthrough|loadbalancer\.server\.(?:port|scheme))$/.exec(
        each,
      );
    return some(found?.[1]);
  });
  return [...new Set(read)];
}

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing there');
  return value;
}
