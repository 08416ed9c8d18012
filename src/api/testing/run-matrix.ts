import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { ErrorCode } from '../../errors/error-codes.ts';
import { parseJson } from '../../json/parse-json.ts';
import { ENDPOINTS, type Endpoint, PUBLIC_ENDPOINTS, type PublicEndpoint } from '../endpoints.ts';
import {
  ASKED,
  CALLER_NAMES,
  CALLERS,
  type CallerName,
  type Expected,
  MATRIX,
  REQUESTS,
  SEEN,
} from './access-matrix.ts';
import type { Mint } from './caller-tokens.ts';

/** Where the factory is: `{ host, port }` or `{ socketPath }`. */
export type Address = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export interface Cell {
  readonly endpoint: Endpoint | PublicEndpoint;
  readonly caller: CallerName;
  readonly expected: Expected;
}

export interface TriedCell extends Cell {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What is wrong with the answer; undefined: it is as expected. */
  readonly mistake: string | undefined;
}

/** Of an answer, ms. */
const LIMIT = 60_000;

/** Which cells a factory that really runs is to be asked, if not all. */
export type Choice = (cell: Cell) => boolean;

export function cells(choose: Choice = () => true): readonly Cell[] {
  return [...ENDPOINTS, ...PUBLIC_ENDPOINTS]
    .flatMap((endpoint) =>
      CALLER_NAMES.map((caller) => ({ endpoint, caller, expected: MATRIX[endpoint][caller] })),
    )
    .filter(choose);
}

/** Asks the factory what the cells say, one after the other. */
export async function runMatrix(
  address: Address,
  mint: Mint,
  choose?: Choice,
): Promise<readonly TriedCell[]> {
  const tried: TriedCell[] = [];
  for (const cell of cells(choose)) tried.push(await tryCell(cell, address, mint));
  return tried;
}

async function tryCell(cell: Cell, address: Address, mint: Mint): Promise<TriedCell> {
  const recipe = CALLERS[cell.caller];
  const { method, path, body } = REQUESTS[cell.endpoint]('of' in recipe ? recipe.of : ASKED);
  const pairs = [...(await recipe.headers(mint))];
  if (body !== undefined) pairs.push(['Content-Type', 'application/json']);
  // As an array Node sends the same header twice.
  const headers = ['Host', 'factory', ...pairs.flat(), 'Content-Length', String(body?.length ?? 0)];
  // Each kind from an address of its own, as too many wrong tokens from one are answered otherwise.
  const localAddress = `127.0.1.${CALLER_NAMES.indexOf(cell.caller) + 1}`;
  const asking = request({
    ...address,
    localAddress,
    method,
    path,
    headers,
    signal: AbortSignal.timeout(LIMIT),
  });
  asking.end(body);
  const answer = await answerTo(asking);
  return { ...cell, ...answer, mistake: mistakeIn(cell, answer) };
}

type Answer = Pick<TriedCell, 'status' | 'headers' | 'body'>;

async function answerTo(asking: ClientRequest): Promise<Answer> {
  const [answer]: IncomingMessage[] = await once(asking, 'response');
  if (answer === undefined) throw new Error('a response without a message');
  let body = '';
  for await (const chunk of answer.setEncoding('utf8')) body += chunk;
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

const REFUSALS = {
  unauthorised: { status: 401, code: 'TOKEN_REFUSED' },
  denied: { status: 403, code: 'ACCESS_DENIED' },
  hidden: { status: 404, code: 'WORKSPACE_UNKNOWN' },
} as const satisfies Record<Exclude<Expected, 'allowed'>, object>;

/** What may stand in the way of one who is allowed: the state of the cluster, or what the lab lets nobody do. */
const CIRCUMSTANCES: ReadonlySet<string> = new Set<ErrorCode>([
  'CLUSTER_NOT_READY',
  'CLUSTER_ASLEEP',
  'WORKSPACE_IN_USE',
  'NODE_UNKNOWN',
  'EXTENSION_REFUSED',
]);

function mistakeIn(
  { endpoint, caller, expected }: Cell,
  { status, headers, body }: Answer,
): string | undefined {
  const told: { code?: unknown } = Object(parseJson(body));
  const said = `${status} ${String(told.code ?? '')}`;
  if (headers['cache-control'] !== 'no-store') return `${said}, and may be kept by caches`;
  if (headers['x-content-type-options'] !== 'nosniff') return `${said}, and its type may be guessed`;
  if (expected !== 'allowed') {
    const refusal = REFUSALS[expected];
    return status === refusal.status && told.code === refusal.code ? undefined : said;
  }
  if (status >= 300 && !CIRCUMSTANCES.has(String(told.code))) return said;
  return endpoint === 'list' ? mistakeInList(caller, body) : undefined;
}

function mistakeInList(caller: CallerName, body: string): string | undefined {
  const { clusters = [] }: { clusters?: { user: string; lab: string }[] } = Object(parseJson(body));
  const seen = clusters.map(({ user, lab }) => `${user}/${lab}`).join(' ');
  const wanted = (SEEN[caller] ?? []).map(({ user, lab }) => `${user}/${lab}`).join(' ');
  return seen === wanted ? undefined : `lists ${seen}, and not ${wanted}`;
}
