import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import Docker from 'dockerode';
import type { DockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { workspaceLabels } from '../../src/docker-engine/workspace-labels.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import type { InstanceId } from '../../src/names/instance-id.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { traefikLabels } from '../../src/routing/traefik-labels.ts';
import { createSubnetPool } from '../../src/subnets/subnet-pool.ts';

/** What stands in for a cluster's first server: a container that says its host by HTTP, and in the certificates of both its TLS ports. */
export interface AnsweringNode {
  readonly container: Docker.Container;
  readonly address: string;
}

export interface AnsweringNodeOptions {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly key: WorkspaceKey;
  readonly host: string;
  /** An image with a shell, busybox and openssl. */
  readonly image: string;
}

const PROGRAM = `
set -e
mkdir -p /www
echo "$NAME" > /www/index.html
serve() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" -keyout "/$1.key" -out "/$1.crt"
  openssl s_server -accept "$1" -cert "/$1.crt" -key "/$1.key" -www -quiet &
}
serve 443 "$NAME"
serve 6443 "$NAME kube"
exec busybox httpd -f -p 80 -h /www`;

/** Starts it with the labels of a cluster's first server, in the cluster's network. */
export async function startAnsweringNode(
  { engine, instance, key, host, image }: AnsweringNodeOptions,
  signal: AbortSignal,
): Promise<AnsweringNode> {
  const docker = new Docker();
  const Labels = workspaceLabels(instance, key, 'node');
  const network = dockerNames(instance, key).clusterNetwork;
  using subnet = await createSubnetPool({ engine, within: '10.214.0.0/24' }).reserve(signal);
  const IPAM = { Driver: 'default', Config: [{ Subnet: subnet.cidr }] };
  await docker.createNetwork({ Name: network, Labels, IPAM });
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ['sh', '-c', PROGRAM],
    Cmd: [],
    Env: [`NAME=${host}`],
    Labels: { ...Labels, ...traefikLabels(instance, key, host) },
    HostConfig: { NetworkMode: network },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return { container, address: NetworkSettings.Networks[network]?.IPAddress ?? '' };
}

/** How long an answer may take before it counts as none, on a busy machine; ms. */
const PATIENCE = 20_000;

/** Of a name that leads nowhere. */
export const NOBODY: readonly string[] = ['nobody', 'refused', 'refused'];

/** Who answers to a name at this Traefik: by HTTP, by TLS and at the Kubernetes API. */
export async function answers(
  address: string,
  ports: { readonly http: number; readonly https: number; readonly kube: number },
  name: string,
  patience = PATIENCE,
): Promise<readonly string[]> {
  return [
    await answerByHttp(address, ports.http, name, patience),
    await answerByTls(address, ports.https, name, patience),
    await answerByTls(address, ports.kube, name, patience),
  ];
}

/** The node's own word; `nobody` for a 404, `no answer` where nothing happens for `patience` ms. */
export function answerByHttp(
  address: string,
  port: number,
  name: string,
  patience = PATIENCE,
): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host: address, port, headers: { host: name }, agent: false, timeout: patience });
    asked.on('response', async (response) => {
      const body = await text(response);
      if (response.statusCode === 404) return resolve('nobody');
      resolve(response.statusCode === 200 ? body.trim() : String(response.statusCode));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', ({ message }) => resolve(message));
    asked.end();
  });
}

/** The name in the certificate that is shown; `refused` where none is, `no answer` where nothing happens for `patience` ms. */
function answerByTls(address: string, port: number, name: string, patience: number): Promise<string> {
  return new Promise((resolve) => {
    const tls = { servername: name, rejectUnauthorized: false };
    const socket = connect({ host: address, port, ...tls, timeout: patience });
    const settle = (answer: string) => {
      resolve(answer);
      socket.destroy();
    };
    socket.on('secureConnect', () => settle(String(socket.getPeerCertificate().subject.CN)));
    socket.on('timeout', () => settle('no answer'));
    for (const end of ['error', 'close']) socket.on(end, () => settle('refused'));
  });
}
