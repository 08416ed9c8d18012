/** What can be asked of the HTTP API with a token; each is one route, and one row of the table of access. */
export const ENDPOINTS = [
  'list',
  'status',
  'ensure',
  'suspend',
  'stop',
  'reset',
  'remove',
  'stopNode',
  'startNode',
  'extend',
  'kubeconfig',
  'logs',
  'events',
] as const;

/** These tell nothing of anybody and change nothing: whoever comes may ask, without a token. */
export const PUBLIC_ENDPOINTS = ['openapi', 'jwks'] as const;

export type Endpoint = (typeof ENDPOINTS)[number];
export type PublicEndpoint = (typeof PUBLIC_ENDPOINTS)[number];

export function isPublic(endpoint: Endpoint | PublicEndpoint): endpoint is PublicEndpoint {
  return PUBLIC_ENDPOINTS.some((each) => each === endpoint);
}

/** Where the API is on every server that has it. */
export const API_PATH = '/api/v1';

/** The longest that a request waits for what it asks for, ms. */
export const LONGEST_WAIT = 3_600_000;
