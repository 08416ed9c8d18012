import type Docker from 'dockerode';
import { z } from 'zod';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import { MOST_NODES } from '../../../labs/cluster-size.ts';
import { parseRange } from '../../../subnets/ipv4-range.ts';
import { type ClusterNode, members, NODE_LABEL, nodeNumber, serverOf } from '../nodes/cluster-nodes.ts';

/*
 * What has to be known of a cluster to make its containers again. It is not Docker's description of them: that could ask
 * for anything of the host, and a blueprint may come from outside. Everything that is the same for all clusters (what is
 * mounted, published, privileged) is in `rebuildCluster` instead.
 */

const line = z
  .string()
  .max(4096)
  .regex(/^[^\0\r\n]*$/);

const nodeSchema = z.strictObject({
  role: z.enum(['server', 'agent']),
  /** From 0, for each role. */
  number: z
    .int()
    .min(0)
    .max(MOST_NODES - 1),
  image: z
    .string()
    .max(512)
    .regex(/^[\w][\w.:/@-]*$/),
  /** k3s's arguments. */
  command: z.array(line).max(256),
  env: z.array(line.regex(/^[^=]+=/)).max(256),
  /** k3d's own. */
  labels: z.record(
    z
      .string()
      .max(128)
      .regex(/^k3d\.[A-Za-z.]+$/),
    line,
  ),
  limits: z.strictObject({
    /** Bytes. */
    memory: z.int().min(0),
    cpus: z.number().min(0).max(4096),
    /** 0: no limit. */
    pids: z.int().min(0),
  }),
});

export const clusterBlueprintSchema = z
  .strictObject({
    /** "10.209.1.16/28" */
    subnet: z.string().refine((text) => parseRange(text)?.prefix === 28, 'not an IPv4 network of /28'),
    /** ms */
    startTimeout: z
      .int()
      .min(1)
      .max(24 * 3_600_000),
    nodes: z.array(nodeSchema).min(1).max(MOST_NODES),
  })
  .refine(isServersAndAgents, 'not servers, one at least, and agents, both numbered from 0');

export type NodeBlueprint = z.output<typeof nodeSchema>;
export type ClusterBlueprint = z.output<typeof clusterBlueprintSchema>;

function isServersAndAgents({ nodes }: { readonly nodes: readonly NodeBlueprint[] }): boolean {
  const isNumbered = (role: NodeBlueprint['role']) => {
    const numbers = nodes.filter((node) => node.role === role).map(({ number }) => number);
    return numbers.sort((a, b) => a - b).every((number, index) => number === index);
  };
  return nodes.some(({ role }) => role === 'server') && isNumbered('server') && isNumbered('agent');
}

/** Without k3d's prefix: "server-0". */
export function nodeName({ role, number }: Pick<NodeBlueprint, 'role' | 'number'>): string {
  return `${role}-${number}`;
}

/** Reads the blueprint of a finished cluster off its containers. Rejects with `CLUSTER_FAILED` for one that is odd. */
export async function readBlueprint(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<ClusterBlueprint> {
  const labels = serverOf(nodes)?.labels;
  const found = clusterBlueprintSchema.safeParse({
    subnet: labels?.[NODE_LABEL.subnet],
    startTimeout: Number(labels?.[NODE_LABEL.startTimeout]),
    nodes: await Promise.all(members(nodes).map((node) => readNode(engine, node, signal))),
  });
  if (found.success) return found.data;
  throw new FactoryError('CLUSTER_FAILED', 'The cluster is not as the factory makes them; reset it first.', {
    cause: found.error,
    detail: z.prettifyError(found.error),
  });
}

async function readNode(engine: DockerEngine, node: ClusterNode, signal: AbortSignal) {
  const { Config, HostConfig } = await engine.call({
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).inspect({ abortSignal }),
  });
  return {
    role: node.role,
    number: nodeNumber(node),
    image: Config.Image,
    command: Config.Cmd,
    env: Config.Env,
    labels: k3dLabels(Config.Labels),
    limits: limitsOf(HostConfig),
  };
}

function k3dLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith('k3d.')));
}

function limitsOf({ Memory, NanoCpus, PidsLimit }: Docker.HostConfig) {
  return { memory: Memory ?? 0, cpus: (NanoCpus ?? 0) / 1e9, pids: Math.max(0, PidsLimit ?? 0) };
}
