import type { GroupConfig } from '../../config/factory-config.ts';
import { PLAIN_GROUP } from '../../groups/testing/plain-group.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Principal } from '../../tokens/principal.ts';
import type { Endpoint, PublicEndpoint } from '../endpoints.ts';
import { goodToken } from './caller-tokens.ts';
import { bearer, type Header, invalidCallers, type Sender, withoutValidToken } from './callers.ts';
import { workspace } from './fake-clusters.ts';

/*
 * The authorisation matrix: what every endpoint answers every kind of caller. All cells are tried over a real HTTP server; an endpoint
 * that has no row here fails the test.
 */

/** The workspaces of the world in which it is tried; `alice/k3s` is the one that is asked for. */
export const ASKED = workspace('alice', 'k3s');
const OTHER_STUDENTS = workspace('bob', 'k3s');
const SAME_USERS = workspace('alice', 'other');
/** Nobody is in it. */
export const QUIET = workspace('dora', 'k3s');
/** In each of these somebody is. */
export const BUSY: readonly WorkspaceKey[] = [ASKED, OTHER_STUDENTS, SAME_USERS];

/** Alice is a member of three groups; only the first has the lab that is asked for. */
export const GROUPS: readonly GroupConfig[] = [
  group('own-class', [ASKED, QUIET], 'k3s'),
  group('other-class', [OTHER_STUDENTS], 'k3s'),
  group('other-lab', [ASKED], 'other'),
];

function group(name: string, keys: readonly WorkspaceKey[], lab: string): GroupConfig {
  const { lab: labName } = workspace('any', lab);
  return {
    name,
    members: keys.map(({ user }) => user),
    labs: [labName],
    defaultLab: undefined,
    ...PLAIN_GROUP,
  };
}

/** 401, 403, and the 404 of a workspace that there is not. */
export type Expected = 'allowed' | 'unauthorised' | 'denied' | 'hidden';

interface CallerRecipe extends Sender {
  /** What it is asked for; `ASKED` where it does not say. */
  readonly of?: WorkspaceKey;
}

const OWN: Principal = { role: 'student', key: ASKED };

/** Every kind of caller, and what each sends. */
export const CALLERS = {
  own: bearer(OWN),
  own_scheme_in_lower_case: {
    headers: async (mint) => [['Authorization', `bearer ${await goodToken(OWN, mint)}`]],
  },
  own_without_session: { of: QUIET, ...bearer({ role: 'student', key: QUIET }) },
  own_from_another_site: crossSite('Origin', 'https://evil.example.org'),
  own_from_an_opaque_origin: crossSite('Origin', 'null'),
  own_from_a_page_of_the_same_domain: crossSite('Sec-Fetch-Site', 'same-site'),
  other_student: bearer({ role: 'student', key: OTHER_STUDENTS }),
  same_user_other_lab: bearer({ role: 'student', key: SAME_USERS }),
  instructor_of_the_group: bearer(instructor('own-class')),
  instructor_of_another_group: bearer(instructor('other-class')),
  instructor_for_another_lab: bearer(instructor('other-lab')),
  instructor_of_no_group: bearer(instructor('long-gone')),
  admin: bearer({ role: 'admin', name: 'root' }),
  gateway: bearer({ role: 'gateway', name: 'gateway' }),
  ...invalidCallers(OWN),
} as const satisfies Record<string, CallerRecipe>;

export type CallerName = keyof typeof CALLERS;
export const CALLER_NAMES = Object.keys(CALLERS) as readonly CallerName[];
export type Row = Readonly<Record<CallerName, Expected>>;

const READ: Row = {
  ...withoutValidToken('unauthorised'),
  own: 'allowed',
  own_scheme_in_lower_case: 'allowed',
  own_without_session: 'denied',
  own_from_another_site: 'allowed',
  own_from_an_opaque_origin: 'allowed',
  own_from_a_page_of_the_same_domain: 'allowed',
  other_student: 'hidden',
  same_user_other_lab: 'hidden',
  instructor_of_the_group: 'allowed',
  instructor_of_another_group: 'hidden',
  instructor_for_another_lab: 'hidden',
  instructor_of_no_group: 'hidden',
  admin: 'allowed',
  gateway: 'denied',
};

const WRITE: Row = {
  ...READ,
  own_from_another_site: 'denied',
  own_from_an_opaque_origin: 'denied',
  own_from_a_page_of_the_same_domain: 'denied',
};

/** Who sees nothing of others' gets a list without them. */
const LIST: Row = {
  ...READ,
  other_student: 'allowed',
  same_user_other_lab: 'allowed',
  instructor_of_another_group: 'allowed',
  instructor_for_another_lab: 'allowed',
  instructor_of_no_group: 'allowed',
};

/** Nobody is asked who they are. */
const FOR_ALL: Row = {
  ...LIST,
  ...withoutValidToken('allowed'),
  own_without_session: 'allowed',
  gateway: 'allowed',
};

export const MATRIX: Readonly<Record<Endpoint | PublicEndpoint, Row>> = {
  list: LIST,
  status: READ,
  ensure: WRITE,
  suspend: WRITE,
  stop: WRITE,
  reset: WRITE,
  remove: WRITE,
  stopNode: WRITE,
  startNode: WRITE,
  extend: WRITE,
  kubeconfig: READ,
  logs: READ,
  events: READ,
  openapi: FOR_ALL,
  jwks: FOR_ALL,
};

/** Which workspaces the list has, for those who get one. */
export const SEEN: Readonly<Partial<Record<CallerName, readonly WorkspaceKey[]>>> = {
  own: [ASKED],
  own_scheme_in_lower_case: [ASKED],
  own_from_another_site: [ASKED],
  own_from_an_opaque_origin: [ASKED],
  own_from_a_page_of_the_same_domain: [ASKED],
  other_student: [OTHER_STUDENTS],
  same_user_other_lab: [SAME_USERS],
  instructor_of_the_group: [ASKED, QUIET],
  instructor_of_another_group: [OTHER_STUDENTS],
  instructor_for_another_lab: [SAME_USERS],
  instructor_of_no_group: [],
  admin: [ASKED, SAME_USERS, OTHER_STUDENTS, QUIET],
};

export interface EndpointRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

/** How each endpoint is asked; none of the orders is waited for. */
export const REQUESTS: Readonly<Record<Endpoint | PublicEndpoint, (key: WorkspaceKey) => EndpointRequest>> = {
  list: () => ({ method: 'GET', path: '/api/v1/clusters' }),
  status: about('GET', ''),
  ensure: about('PUT', '?wait=0s'),
  suspend: about('POST', '/suspend?wait=0s'),
  stop: about('POST', '/stop?wait=0s'),
  reset: about('POST', '/reset?wait=0s'),
  remove: about('DELETE', '?wait=0s'),
  stopNode: about('POST', '/nodes/agent-0/stop?wait=0s'),
  startNode: about('POST', '/nodes/agent-0/start?wait=0s'),
  extend: about('POST', '/extend', '{"for":"10m"}'),
  kubeconfig: about('GET', '/kubeconfig?for=outside'),
  logs: about('GET', '/logs?lines=5'),
  events: about('GET', '/events?limit=1'),
  openapi: () => ({ method: 'GET', path: '/api/v1/openapi.json' }),
  jwks: () => ({ method: 'GET', path: '/api/v1/jwks.json' }),
};

function about(method: EndpointRequest['method'], rest: string, body?: string) {
  return ({ user, lab }: WorkspaceKey): EndpointRequest => ({
    method,
    path: `/api/v1/clusters/${user}/${lab}${rest}`,
    ...(body === undefined ? {} : { body }),
  });
}

function crossSite(...header: Header): CallerRecipe {
  return { headers: async (mint) => [['Authorization', `Bearer ${await goodToken(OWN, mint)}`], header] };
}

function instructor(group: string): Principal {
  return { role: 'instructor', name: 'grace', groups: [group] };
}
