import { z } from 'zod';
import { FactoryError } from '../../errors/factory-error.ts';
import { queryNumber } from '../../http/query-values.ts';
import { parseLabName } from '../../names/lab-name.ts';
import { parseUsername } from '../../names/username.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import { decide } from '../access.ts';
import { type ApiApp, type ApiContext, callerOf, keyOf } from '../api-context.ts';
import { clusterListSchema, clusterLogsSchema, clusterSchema, clusterState } from '../cluster-schema.ts';
import { logsText, publishedLogs } from '../cluster-status.ts';
import { describeCluster, summaryOf } from '../describe-cluster.ts';
import { clusterPath, noQuery, PROBLEM } from './answers.ts';
import { preferredType } from './preferred-type.ts';

/** ms; Docker and the cluster's API answer within it. */
const READ_LIMIT = 30_000;
const LINES = { usual: 200, most: 5_000 } as const;
const YAML_TYPE = 'application/yaml';

const listQuery = z.strictObject({
  user: z
    .string()
    .transform(parseUsername)
    .refine((user) => user !== undefined, { error: 'is no user name' })
    .optional(),
  lab: z
    .string()
    .transform(parseLabName)
    .refine((lab) => lab !== undefined, { error: 'is no lab name' })
    .optional(),
  state: clusterState.optional(),
});

/** What changes nothing: the list, the status, the kubeconfig, the logs. */
export function addReadingRoutes(app: ApiApp, context: ApiContext): void {
  addListRoute(app, context);
  addStatusRoute(app, context);
  addKubeconfigRoute(app, context);
  addLogsRoute(app, context);
}

function addListRoute(app: ApiApp, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/clusters',
    config: { endpoint: 'list' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'list',
      summary: 'The clusters that the caller may see.',
      querystring: listQuery,
      response: { 200: clusterListSchema, ...PROBLEM },
    },
    handler: (request) => {
      const { principal } = callerOf(request);
      const { user, lab, state } = request.query;
      const clusters = context.target
        .snapshots()
        .filter(
          ({ key, leases }) =>
            (user === undefined || key.user === user) &&
            (lab === undefined || key.lab === lab) &&
            decide(principal, 'list', { key, sessions: leases.length }, context.groups) === 'allowed',
        )
        .flatMap((snapshot) => summaryOf(context, snapshot) ?? [])
        .filter((cluster) => state === undefined || cluster.state === state)
        .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
      return { clusters };
    },
  });
}

function nameOf({ user, lab }: { readonly user: string; readonly lab: string }): string {
  return `${user}/${lab}`;
}

function addStatusRoute(app: ApiApp, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/clusters/:user/:lab',
    config: { endpoint: 'status' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'status',
      summary: 'All that is known of a cluster.',
      params: clusterPath,
      querystring: noQuery,
      response: { 200: clusterSchema, ...PROBLEM },
    },
    handler: (request) => describeCluster(context, keyOf(request)),
  });
}

function addKubeconfigRoute(app: ApiApp, { target }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/clusters/:user/:lab/kubeconfig',
    config: { endpoint: 'kubeconfig' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'kubeconfig',
      summary: 'A kubeconfig: for the lab container, or for any machine, through the public entry point.',
      params: clusterPath,
      querystring: z.strictObject({ for: z.enum(['container', 'outside']).default('outside') }),
      response: {
        200: { description: 'YAML.', content: { [YAML_TYPE]: { schema: z.string() } } },
        ...PROBLEM,
      },
    },
    handler: async (request, reply) => {
      const key = keyOf(request);
      const text = await target.kubeconfig(key, request.query.for, AbortSignal.timeout(READ_LIMIT));
      return reply.type(YAML_TYPE).send(text);
    },
  });
}

function addLogsRoute(app: ApiApp, { target }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/clusters/:user/:lab/logs',
    config: { endpoint: 'logs' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'logs',
      summary: 'What the nodes say, and said when they last failed; as JSON or as text, by `Accept`.',
      params: clusterPath,
      querystring: z.strictObject({
        lines: queryNumber(1, LINES.most)
          .optional()
          .meta({ description: `Of each node, the last ones; ${LINES.usual} where it does not say.` }),
      }),
      response: {
        200: {
          description: 'Secrets are masked.',
          content: {
            'application/json': { schema: clusterLogsSchema },
            'text/plain': { schema: z.string() },
          },
        },
        ...PROBLEM,
      },
    },
    handler: async (request, reply) => {
      const key = keyOf(request);
      if (target.snapshot(key)?.cluster === undefined) {
        throw new FactoryError('LAB_WITHOUT_CLUSTER', `${formatWorkspaceKey(key)} has no cluster.`);
      }
      const options = { lines: request.query.lines ?? LINES.usual };
      const logs = publishedLogs(await target.logs(key, options, AbortSignal.timeout(READ_LIMIT)));
      const type = preferredType(request.headers.accept, ['application/json', 'text/plain']);
      if (type === 'application/json') return logs;
      return reply.type('text/plain; charset=utf-8').send(logsText(logs));
    },
  });
}
