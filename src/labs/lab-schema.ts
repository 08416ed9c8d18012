import { z } from 'zod';
import { lifecycleFields } from '../config/lifecycle-values.ts';
import { byteSize, duration, imageName, labName } from '../config/values.ts';
import { MOST_NODES, SERVER_COUNTS } from './cluster-size.ts';

// A lab's lab.yaml: what may stand in it, what it means and what is taken where it says nothing.

const NODE_FILTER = /^(?:all|loadbalancer|(?:servers?|agents?)(?::(?:\*|\d+(?:,\d+)*|\d*-\d*))?)$/;

const cpus = z.number().min(0.05).max(256).meta({ description: 'Cores; 1.5 is one and a half.' });
const pids = z.int().min(32).max(4_194_304).meta({ description: 'Processes and threads.' });

const nodeFilters = z
  .array(
    z.string().regex(NODE_FILTER, { error: 'must be a k3d node filter such as server:0, agent:* or all' }),
  )
  .min(1)
  .meta({ description: "Which nodes, in k3d's words: all, server:0, agent:*, …" });

const assignment = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*=/, { error: 'must be a variable and its value such as NAME=value' });

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name of an environment variable' });

const container = z.strictObject({
  image: imageName.meta({ description: "The image of the lab's container; it has sshd and the user below." }),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'must be the name of a Unix user' })
    .default('lab')
    .meta({ description: 'The Unix user of the sessions.' }),
  env: z
    .record(variableName, z.string())
    .default({})
    .meta({ description: 'Environment variables of the container.' }),
  limits: z
    .strictObject({
      memory: byteSize.prefault('1Gi').meta({ description: 'Of the container.' }),
      cpus: cpus.default(1),
      pids: pids.default(512),
    })
    .prefault({}),
});

const cluster = z
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
    limits: z
      .strictObject({
        memory: byteSize.prefault('2Gi').meta({ description: 'Of each node.' }),
        cpus: cpus.default(2),
        pids: pids.default(4096),
      })
      .prefault({}),
    start_timeout: duration
      .prefault('180s')
      .meta({ description: 'A creation or start that takes longer is given up.' }),
  })
  .check(fitsItsNetwork)
  .meta({ description: "The cluster, in k3d's SimpleConfig words where it has one. Absent: no cluster." });

export const labSchema = z
  .strictObject({
    name: labName.optional().meta({ description: "The folder's name, which is taken where this is absent." }),
    description: z
      .string()
      .regex(/^[^\p{Cc}]{0,200}$/u, { error: 'must be one line of at most 200 characters' })
      .default('')
      .meta({ description: 'One line for people who choose a lab.' }),
    container,
    cluster: cluster.optional(),
    lifecycle: z
      .strictObject(lifecycleFields)
      .prefault({})
      .meta({ description: "Each takes the place of the configuration's own." }),
  })
  .meta({ title: 'ssh-lab-factory lab' });

export type LabFile = z.output<typeof labSchema>;

function fitsItsNetwork({
  value: { servers, agents },
  issues,
}: z.core.ParsePayload<{ readonly servers: number; readonly agents: number }>): void {
  if (servers + agents <= MOST_NODES) return;
  const most = MOST_NODES - servers;
  const message = `must be at most ${most} with ${servers} servers: there are addresses for ${MOST_NODES} nodes`;
  issues.push({ code: 'custom', path: ['agents'], input: agents, message });
}
