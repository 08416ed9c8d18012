import { z } from 'zod';
import { duration, imageName } from '../../config/values.ts';
import { MOST_NODES, SERVER_COUNTS } from '../cluster-size.ts';
import { limits } from './limits.ts';

const NODE_FILTER = /^(?:all|loadbalancer|(?:servers?|agents?)(?::(?:\*|\d+(?:,\d+)*|\d*-\d*))?)$/;

const nodeFilters = z
  .array(
    z.string().regex(NODE_FILTER, { error: 'must be a k3d node filter such as server:0, agent:* or all' }),
  )
  .min(1)
  .meta({ description: "Which nodes, in k3d's words: all, server:0, agent:*, …" });

const assignment = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*=[^\0]*$/, { error: 'must be a variable and its value such as NAME=value' });

export const cluster = z
  .strictObject({
    image: imageName.optional().meta({ description: "The k3s image; absent: the factory's." }),
    servers: z
      .literal(SERVER_COUNTS, { error: `must be ${SERVER_COUNTS.join(', ').replace(/, (\d+)$/, ' or $1')}` })
      .default(1)
      .meta({ description: 'Nodes with the control plane. Several share an etcd; untested on real k3s.' }),
    agents: z
      .int()
      .min(0)
      .max(MOST_NODES - 1)
      .default(0)
      .meta({ description: `Nodes beside the servers; with them at most ${MOST_NODES}.` }),
    env: z.array(z.strictObject({ envVar: assignment, nodeFilters })).default([]),
    options: z
      .strictObject({
        k3s: z
          .strictObject({
            extraArgs: z.array(z.strictObject({ arg: z.string().min(1), nodeFilters })).default([]),
            nodeLabels: z.array(z.strictObject({ label: z.string().min(1), nodeFilters })).default([]),
          })
          .prefault({}),
      })
      .prefault({}),
    limits: limits('each node', { memory: '2Gi', cpus: 2, pids: 4096 }),
    start_timeout: duration
      .prefault('180s')
      .meta({ description: 'A creation or start that takes longer is given up.' }),
  })
  .check(fitsItsNetwork)
  .meta({ description: "The cluster, in k3d's SimpleConfig words where it has one. Absent: no cluster." });

export type ClusterFile = z.output<typeof cluster>;

function fitsItsNetwork({
  value: { servers, agents },
  issues,
}: z.core.ParsePayload<{ readonly servers: number; readonly agents: number }>): void {
  if (servers + agents <= MOST_NODES) return;
  const most = MOST_NODES - servers;
  const message = `must be at most ${most} with ${servers} servers: there are addresses for ${MOST_NODES} nodes`;
  issues.push({ code: 'custom', path: ['agents'], input: agents, message });
}
