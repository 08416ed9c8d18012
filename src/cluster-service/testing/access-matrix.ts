import { goodToken } from '../../api/testing/caller-tokens.ts';
import { bearer, invalidCallers, type Sender, withoutValidToken } from '../../api/testing/callers.ts';
import { ALICE, CAROL, DAVE, GATEWAY } from '../../tokens/testing/some-tokens.ts';
import { key } from '../../workspaces/testing/harness.ts';
import { STREAMS_PATH } from '../streams/channels.ts';

/*
 * The authorisation matrix of the cluster service: what each of its routes answers every kind of caller. The socket of Docker is behind it, so
 * there is one answer to all but the gateway; that it is said for each route is what a new one is to be asked for.
 */

/** 401, 403, and the 400 of a route that there is not. */
export type Expected = 'allowed' | 'unauthorised' | 'denied' | 'unknown';

// Nobody takes back a token of the gateway's: it ends within five minutes.
const { revoked: _, ...INVALID } = invalidCallers(GATEWAY);

export const CALLERS = {
  gateway: bearer(GATEWAY),
  gateway_scheme_in_lower_case: {
    headers: async (mint) => [['Authorization', `bearer ${await goodToken(GATEWAY, mint)}`]],
  },
  student: bearer(ALICE),
  instructor: bearer(CAROL),
  admin: bearer(DAVE),
  /** As they are in a lab, or got by `factory token create`. */
  student_with_a_token_of_the_api: ofTheApi(ALICE),
  instructor_with_a_token_of_the_api: ofTheApi(CAROL),
  admin_with_a_token_of_the_api: ofTheApi(DAVE),
  ...INVALID,
} as const satisfies Record<string, Sender>;

export type CallerName = keyof typeof CALLERS;
export const CALLER_NAMES = Object.keys(CALLERS) as readonly CallerName[];
export type Row = Readonly<Record<CallerName, Expected>>;

const { revoked: __, ...UNAUTHORISED } = withoutValidToken<Expected>('unauthorised');

const GATEWAY_ALONE: Row = {
  ...UNAUTHORISED,
  gateway: 'allowed',
  gateway_scheme_in_lower_case: 'allowed',
  student: 'denied',
  instructor: 'denied',
  admin: 'denied',
  student_with_a_token_of_the_api: 'unauthorised',
  instructor_with_a_token_of_the_api: 'unauthorised',
  admin_with_a_token_of_the_api: 'unauthorised',
};

/** Who is not the gateway does not learn which routes there are. */
const NO_SUCH: Row = { ...GATEWAY_ALONE, gateway: 'unknown', gateway_scheme_in_lower_case: 'unknown' };

export interface RouteRow {
  readonly expected: Row;
  /** A body that is right; of an operation. */
  readonly body?: object;
  /** Where it differs from the name of the route. */
  readonly path?: string;
}

const OF_WORKSPACE = { key };
const OF_NODE = { key, node: 'agent-0' };
const CIRCUMSTANCES = { known: [key], routed: [], live: [], working: [] };
const CONTAINER_ID = 'a'.repeat(64);
const KEY_LINE = 'ssh-ed25519 AAAA';
const CONNECTION = { id: 'c'.repeat(32), key, clientAddress: '192.0.2.7:50122', clientProgram: 'SSH-2.0-x' };

function gatewayAlone(body: object): RouteRow {
  return { expected: GATEWAY_ALONE, body };
}

/** In an order in which the gateway could ask all of it, one after the other. */
export const MATRIX: Readonly<Record<string, RouteRow>> = {
  'POST /v1/operations/backend.open': gatewayAlone({}),
  'POST /v1/operations/backend.memory': gatewayAlone({}),
  'POST /v1/operations/backend.revive-proxy': gatewayAlone({}),
  'POST /v1/operations/backend.garbage': gatewayAlone({ circumstances: CIRCUMSTANCES }),
  'POST /v1/operations/backend.collect-garbage': gatewayAlone({
    circumstances: CIRCUMSTANCES,
    item: { kind: 'container', name: 'a' },
  }),
  'POST /v1/operations/runtime.observe': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.list': gatewayAlone({}),
  'POST /v1/operations/runtime.memory': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.create': gatewayAlone({ key, values: {}, authorizedKey: KEY_LINE }),
  'POST /v1/operations/runtime.suspend': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.resume': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.stop': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.start': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.put-files': gatewayAlone({
    key,
    id: 'a',
    files: [{ path: '/x', content: 'eA==', mode: 0o644, owner: null }],
  }),
  'POST /v1/operations/clusters.observe': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.list': gatewayAlone({}),
  'POST /v1/operations/clusters.memory': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.create': gatewayAlone({ key, values: {} }),
  'POST /v1/operations/clusters.addresses': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.attachment': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.nodes': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.logs': gatewayAlone({ key, lines: 5 }),
  'POST /v1/operations/clusters.public-kubeconfig': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.stop-node': gatewayAlone(OF_NODE),
  'POST /v1/operations/clusters.start-node': gatewayAlone(OF_NODE),
  'POST /v1/operations/runtime.attach': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/fronts.list': gatewayAlone({}),
  'POST /v1/operations/fronts.launch': gatewayAlone({ connection: CONNECTION, env: {} }),
  'POST /v1/operations/fronts.put-kubeconfig': gatewayAlone({ key, id: CONTAINER_ID }),
  'POST /v1/operations/fronts.remove': gatewayAlone({ id: CONTAINER_ID }),
  'POST /v1/operations/clusters.suspend': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.resume': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.stop': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.start': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.set-aside': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/clusters.remove': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.remove': gatewayAlone(OF_WORKSPACE),
  'POST /v1/operations/runtime.erase': gatewayAlone({ key, home: true }),
  'DELETE /v1/runs/:id': { expected: GATEWAY_ALONE, path: '/v1/runs/0123456789' },
  'GET /v1/events': { expected: GATEWAY_ALONE },
  'HEAD /v1/events': { expected: GATEWAY_ALONE },
  [`UPGRADE ${STREAMS_PATH}`]: { expected: GATEWAY_ALONE },
};

/** What the service has no route for. */
export const ELSEWHERE: Readonly<Record<string, RouteRow>> = {
  'POST /v1/operations/nothing': { expected: NO_SUCH, body: {} },
  'GET /': { expected: NO_SUCH },
  [`GET ${STREAMS_PATH}`]: { expected: NO_SUCH },
  'UPGRADE /v1/elsewhere': { expected: NO_SUCH },
};

function ofTheApi(principal: Parameters<typeof bearer>[0]): Sender {
  return { headers: ({ audience: _, ...mint }) => bearer(principal).headers(mint) };
}
