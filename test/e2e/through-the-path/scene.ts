import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Certificate, makeCertificate } from '../harness/certificate.ts';
import { eventually } from '../harness/eventually.ts';
import { Factory } from '../harness/factory.ts';
import { CLUSTER_LAB } from '../harness/factory-files.ts';
import { clusterOfUse, kubectl } from '../harness/kubectl.ts';
import { PROJECT } from '../harness/set-up.ts';
import type { SshSession } from '../harness/ssh-session.ts';
import type { Student } from '../harness/student.ts';
import { Workspace } from '../harness/workspace.ts';
import { PORT } from './app/ports.ts';
import { Way } from './way.ts';

const HOST = 'alice.lab.test';
/** Its requests go to the app's gRPC server, all others to its web server. */
export const GRPC_HOST = `grpc.${HOST}`;

/** A student whose app is behind an Ingress of their cluster. */
export interface Scene {
  readonly factory: Factory;
  readonly alice: Student;
  readonly workspace: Workspace;
  /** What keeps it awake. */
  readonly session: SshSession;
  readonly certificate: Certificate;
  readonly http: Way;
  readonly https: Way;
}

/**
 * Client, edge, the cluster's own Traefik, app. The app is a program in the student's container, to which a Service leads: no image
 * with a Node can be pulled into the cluster here. The container is on the cluster's network, and sleeps when that does.
 */
export async function openScene(stack: AsyncDisposableStack): Promise<Scene> {
  const { mounts, configured } = await mountedApp();
  const labs = { k3s: { ...CLUSTER_LAB, container: { ...containerOf(CLUSTER_LAB), mounts } } };
  const factory = stack.use(await Factory.start({ labs, grace: '1s', config: { mounts: configured } }));
  const alice = await factory.student('alice');
  const workspace = new Workspace(factory, 'alice');
  const session = stack.use(await alice.hold());
  await alice.run('setsid /app/node /app/program/main.ts >/tmp/app.log 2>&1 </dev/null &');
  await clusterOfUse(alice);
  const certificate = await makeCertificate(factory.folder, [HOST, GRPC_HOST]);
  await kubectl(alice, 'apply -f -', manifests(await addressOf(workspace), certificate));

  const { http, https } = factory.endpoints.routes;
  const way = (name: Way['name'], at: Way['at'], host = HOST) =>
    new Way({ name, at, host, ca: certificate.pem });
  const ways = { http: way('HTTP', http), https: way('HTTPS', https) };
  // The status with which gRPC's own server answers to what is no gRPC.
  const ofGrpc = [way('HTTP', http, GRPC_HOST), way('HTTPS', https, GRPC_HOST)];
  for (const each of Object.values(ways)) await answers(each, 200);
  for (const each of ofGrpc) await answers(each, 415);
  return { factory, alice, workspace, session, certificate, ...ways };
}

async function answers(way: Way, status: number): Promise<void> {
  await eventually(async () => (await way.ask('/echo')).status === status, {
    what: `${way.host} answers over ${way.name} with ${status}`,
  });
}

function containerOf(lab: typeof CLUSTER_LAB): object {
  return typeof lab.container === 'object' && lab.container !== null ? lab.container : {};
}

/** Node, the libraries and the app, as they are on this host. */
async function mountedApp() {
  const sources = {
    '/app/node': process.execPath,
    '/app/node_modules': join(PROJECT, 'node_modules'),
    '/app/program': join(PROJECT, 'test/e2e/through-the-path/app'),
  };
  const mounts: { source: string; target: string }[] = [];
  for (const [target, path] of Object.entries(sources)) mounts.push({ source: await realpath(path), target });
  return { mounts, configured: mounts.map(({ source }) => ({ source })) };
}

/** Of the student's container in the network of its cluster. */
async function addressOf(workspace: Workspace): Promise<string> {
  const [network = ''] = Object.keys((await workspace.node()).NetworkSettings.Networks);
  const { NetworkSettings } = await workspace.labContainer();
  const address = NetworkSettings.Networks[network]?.IPAddress;
  if (address === undefined) throw new Error("the container is not on its cluster's network");
  return address;
}

function manifests(address: string, certificate: Certificate): string {
  const h2c = { 'traefik.ingress.kubernetes.io/service.serversscheme': 'h2c' };
  const documents = [
    secret(certificate),
    ...route({ name: 'web', host: HOST, address, port: PORT.web, annotations: {} }),
    ...route({ name: 'grpc', host: GRPC_HOST, address, port: PORT.grpc, annotations: h2c }),
  ];
  return documents.map((document) => stringify(document)).join('---\n');
}

function secret({ pem, keyPem }: Certificate): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'tls' },
    stringData: { 'tls.crt': pem, 'tls.key': keyPem },
  };
}

interface AppRoute {
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Of the Service. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A Service that leads out of the cluster, by endpoints of our own, and its Ingress. */
function route({ name, host, address, port, annotations }: AppRoute): object[] {
  const backend = { service: { name, port: { number: 80 } } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations },
      spec: { ports: [{ name: 'app', port: 80, targetPort: port }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'app', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name },
      spec: {
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
        tls: [{ hosts: [host], secretName: 'tls' }],
      },
    },
  ];
}
