import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { duration } from '../../config/values.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { EVENT_STREAM_TYPE, sendMessages } from '../../http/server-sent-events.ts';
import { parseNodeName } from '../../names/node-name.ts';
import { isoTime } from '../../status/part-status.ts';
import type { ClusterCommand } from '../../workspaces/workspace-command.ts';
import { type ApiApp, type ApiContext, callerOf, keyOf } from '../api-context.ts';
import { clusterSchema, extensionSchema } from '../cluster-schema.ts';
import { describeCluster } from '../describe-cluster.ts';
import { type Endpoint, LONGEST_WAIT } from '../endpoints.ts';
import { giveOrder } from '../give-order.ts';
import { tellProgress } from '../tell-progress.ts';
import { whenGone } from '../when-gone.ts';
import { clusterPath, noQuery, PROBLEM, waitTime } from './answers.ts';
import { preferredType } from './preferred-type.ts';

const waitQuery = z.strictObject({ wait: waitTime.optional() });
const nodePath = clusterPath.extend({ node: z.string().meta({ description: 'An agent, "agent-0".' }) });

const A_CLUSTER = { 'application/json': { schema: clusterSchema } };

const CLUSTER_ANSWERS = {
  200: { description: 'It is so.', content: A_CLUSTER },
  202: { description: 'It is ordered, and not so yet.', content: A_CLUSTER },
  ...PROBLEM,
};

/** All that changes something; each goes through the workspace's controller. */
export function addOrderingRoutes(app: ApiApp, context: ApiContext): void {
  addEnsureRoute(app, context);
  for (const order of ORDERS) addOrderRoute(app, context, order);
  for (const change of NODE_CHANGES) addNodeRoute(app, context, change);
  addExtendRoute(app, context);
}

function addEnsureRoute(app: ApiApp, context: ApiContext): void {
  app.route({
    method: 'PUT',
    url: '/clusters/:user/:lab',
    config: { endpoint: 'ensure' },
    schema: {
      operationId: 'ensure',
      summary: 'Have it of use: made, started or resumed, whatever it takes.',
      description: [
        'Without `wait` it answers at once. With `Accept: text/event-stream` it tells what is going on: `progress` events, and then',
        'one of `ready` and `pending` (the data is a Cluster) or `failed` (a Problem). Who hangs up does not call it off.',
      ].join(' '),
      params: clusterPath,
      querystring: waitQuery,
      response: {
        200: {
          description: 'It is of use; or events.',
          content: { ...A_CLUSTER, [EVENT_STREAM_TYPE]: { schema: z.string() } },
        },
        202: CLUSTER_ANSWERS[202],
        ...PROBLEM,
      },
    },
    handler: async (request, reply) => {
      const { wait } = request.query;
      const command: ClusterCommand = { kind: 'cluster_start' };
      const caller = { ...callerOf(request), key: keyOf(request) };
      const type = preferredType(request.headers.accept, ['application/json', EVENT_STREAM_TYPE]);
      if (type === EVENT_STREAM_TYPE) {
        const order = { command, wait: wait ?? LONGEST_WAIT, gone: whenGone(reply) };
        sendMessages(reply, tellProgress(context, caller, order));
        return reply;
      }
      return answerOrder(context, caller, reply, command, wait ?? 0);
    },
  });
}

interface OrderRoute {
  readonly endpoint: Endpoint;
  readonly method: 'POST' | 'DELETE';
  readonly url: string;
  readonly summary: string;
  readonly command: ClusterCommand;
}

const ORDERS: readonly OrderRoute[] = [
  {
    endpoint: 'suspend',
    method: 'POST',
    url: '/suspend',
    summary: 'Pause it, with its memory kept, until somebody wants it or comes anew.',
    command: { kind: 'cluster_suspend' },
  },
  {
    endpoint: 'stop',
    method: 'POST',
    url: '/stop',
    summary: 'Stop it and free its memory, until somebody wants it or comes anew.',
    command: { kind: 'cluster_stop' },
  },
  {
    endpoint: 'reset',
    method: 'POST',
    url: '/reset',
    summary: 'A new cluster; the state of the old one is kept aside.',
    command: { kind: 'reset', part: 'cluster' },
  },
  {
    endpoint: 'remove',
    method: 'DELETE',
    url: '',
    summary: 'Delete it, with all that is in it, until somebody wants one or comes anew. The home stays.',
    command: { kind: 'cluster_delete' },
  },
];

function addOrderRoute(app: ApiApp, context: ApiContext, order: OrderRoute): void {
  const { endpoint, method, url, summary, command } = order;
  app.route({
    method,
    url: `/clusters/:user/:lab${url}`,
    config: { endpoint },
    schema: {
      operationId: endpoint,
      summary,
      params: clusterPath,
      querystring: waitQuery,
      response: CLUSTER_ANSWERS,
    },
    handler: (request, reply) => {
      const caller = { ...callerOf(request), key: keyOf(request) };
      return answerOrder(context, caller, reply, command, request.query.wait ?? LONGEST_WAIT);
    },
  });
}

const NODE_CHANGES = [
  { endpoint: 'stopNode', url: '/stop', kind: 'node_stop', summary: 'Lose an agent: an exercise.' },
  { endpoint: 'startNode', url: '/start', kind: 'node_start', summary: 'Have a lost agent back.' },
] as const;

function addNodeRoute(app: ApiApp, context: ApiContext, change: (typeof NODE_CHANGES)[number]): void {
  const { endpoint, url, kind, summary } = change;
  app.route({
    method: 'POST',
    url: `/clusters/:user/:lab/nodes/:node${url}`,
    config: { endpoint },
    schema: {
      operationId: endpoint,
      summary,
      params: nodePath,
      querystring: waitQuery,
      response: CLUSTER_ANSWERS,
    },
    handler: (request, reply) => {
      const node = parseNodeName(request.params.node);
      if (node === undefined) throw new FactoryError('NODE_UNKNOWN', 'The cluster has no such node.');
      const caller = { ...callerOf(request), key: keyOf(request) };
      return answerOrder(context, caller, reply, { kind, node }, request.query.wait ?? LONGEST_WAIT);
    },
  });
}

async function answerOrder(
  context: ApiContext,
  caller: Parameters<typeof giveOrder>[1],
  reply: FastifyReply,
  command: ClusterCommand,
  wait: number,
) {
  const outcome = await giveOrder(context, caller, { command, wait, gone: whenGone(reply) });
  reply.code(outcome === 'done' ? 200 : 202);
  return describeCluster(context, caller.key);
}

function addExtendRoute(app: ApiApp, { target }: ApiContext): void {
  app.route({
    method: 'POST',
    url: '/clusters/:user/:lab/extend',
    config: { endpoint: 'extend' },
    schema: {
      operationId: 'extend',
      summary: 'Put off the end that the lab sets to the sessions in the workspace.',
      params: clusterPath,
      querystring: noQuery,
      body: z.strictObject({ for: duration.meta({ description: 'By how much: "30m".' }) }),
      response: { 200: extensionSchema, ...PROBLEM },
    },
    handler: (request) => ({ ends_at: isoTime(target.extend(keyOf(request), request.body.for)) }),
  });
}
