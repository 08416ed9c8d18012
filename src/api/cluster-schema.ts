import { z } from 'zod';
import { ACTIONS } from '../history/event-schema.ts';
import { nextTierSchema } from '../status/next-tier.ts';
import { PACES, RESTING, stepErrorSchema, WORKING } from '../status/part-status.ts';
import type { PartName } from '../workspaces/ports/events.ts';

/*
 * What the HTTP API tells of a cluster. Times are ISO 8601 in UTC. Keys are only ever added within /api/v1. The names of components in
 * the OpenAPI description are in describe-api.ts.
 */

const time = z.iso.datetime();

const ORDERS = ['suspend', 'stop', 'delete'] as const;

/** What the cluster can be; the filter of the list takes the same words. */
export const clusterState = z.enum([...RESTING, ...WORKING, 'failed']);

export const clusterSummarySchema = z.object({
  user: z.string(),
  lab: z.string(),
  state: clusterState.meta({
    description: '`failed`, or what is being done with it, or what was last seen of it.',
  }),
  ready: z.boolean().meta({ description: 'It is of use now.' }),
  since: time.meta({ description: 'Since when what was last seen of it is so.' }),
  longer: z.boolean().meta({ description: 'It was so already when the factory started.' }),
  doing: z
    .object({
      action: z.enum(ACTIONS),
      step: z.string().meta({ description: 'A short phrase for people, or empty.' }),
      since: time,
      overdue_at: time.nullable().meta({ description: 'When it is given up; null: never.' }),
      pace: z.enum(PACES).meta({
        description: '`slow`: it has taken more than half of its time; `overdue`: all of it.',
      }),
    })
    .nullable()
    .meta({ description: 'What is being done with it now.' }),
  error: stepErrorSchema.nullable().meta({
    description: 'Why the last step failed. `id`: under which the log has it.',
  }),
  order: z
    .object({ kind: z.enum(ORDERS), by: z.string().nullable() })
    .nullable()
    .meta({
      description:
        'What was ordered of it, until somebody wants it or comes anew. `by` null: it was ordered of the whole workspace.',
    }),
  next: nextTierSchema.nullable().meta({ description: 'What the passing of time alone will make of it.' }),
  delete_at: time.nullable().meta({ description: 'When the cluster is deleted if nobody comes.' }),
  sessions: z.int().min(0).meta({ description: 'That are open in the workspace.' }),
  route: z.enum(['awake', 'asleep']).nullable().meta({
    description: 'Where requests for its hosts go: to it, or to the page that says that it sleeps.',
  }),
  urls: z
    .object({ http: z.string(), https: z.string() })
    .meta({ description: 'Where its Ingresses answer.' }),
});

export const nodeSchema = z.object({
  name: z.string(),
  role: z.enum(['server', 'agent']),
  state: z.enum(['running', 'suspended', 'stopped', 'taken_down']),
  address: z.string().nullable().meta({ description: "IPv4 in the cluster's network." }),
  ready: z.boolean().nullable().meta({ description: 'Whether Kubernetes calls it Ready; null: not known.' }),
  version: z.string().nullable().meta({ description: 'Of its kubelet.' }),
  since: time.nullable().meta({ description: 'Since when its container runs.' }),
  memory_bytes: z.number().nullable().meta({ description: "Of the host's memory, now." }),
  cpu_cores: z
    .number()
    .nullable()
    .meta({ description: 'Cores that it uses on average; 0 where it does not run.' }),
});

export const clusterSchema = clusterSummarySchema.extend({
  nodes: z.array(nodeSchema).nullable().meta({ description: 'Servers first; null: Docker did not say.' }),
  versions: z.array(z.string()).meta({ description: 'Of Kubernetes, each once.' }),
  memory_bytes: z.number().nullable().meta({ description: 'Of all nodes; null: Docker did not say.' }),
  cpu_cores: z.number().nullable().meta({ description: 'Of all nodes; null: Docker did not say.' }),
  addresses: z.object({ ingress: z.string(), api: z.string() }).nullable().meta({
    description: "Within the host; null while it is asleep. `api`: host and port of Kubernetes' own.",
  }),
});

export const clusterListSchema = z.object({ clusters: z.array(clusterSummarySchema) });

export const progressSchema = z.object({
  part: z.enum(['container', 'cluster'] satisfies PartName[]),
  action: z.enum(ACTIONS),
  step: z.string(),
});

export const extensionSchema = z.object({
  ends_at: time.meta({ description: 'The first end of the sessions in it.' }),
});

export const clusterLogsSchema = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      state: z.string().meta({ description: "Docker's word: running, paused, exited, …" }),
      lines: z.array(z.string()),
    }),
  ),
  last_failure: z
    .object({ at: time, lines: z.array(z.string()) })
    .nullable()
    .meta({ description: 'Of the last creation or start that failed.' }),
});

export const jwksSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

export type ClusterSummary = z.output<typeof clusterSummarySchema>;
export type ClusterStatus = z.output<typeof clusterSchema>;
export type ClusterProgress = z.output<typeof progressSchema>;
export type PublishedClusterLogs = z.output<typeof clusterLogsSchema>;
