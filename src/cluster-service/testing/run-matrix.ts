import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import type { Mint } from '../../api/testing/caller-tokens.ts';
import { parseJson } from '../../json/parse-json.ts';
import { createLabCatalogue } from '../../labs/lab-catalogue.ts';
import { plainLabs } from '../../labs/testing/plain-labs.ts';
import { systemClock } from '../../time/clock.ts';
import { CLUSTER_SERVICE_ISSUER } from '../../tokens/open-tokens.ts';
import { AUDIENCE } from '../../tokens/principal.ts';
import { oneKey } from '../../tokens/testing/some-tokens.ts';
import { createTokenVerifier } from '../../tokens/token-verifier.ts';
import { lab } from '../../workspaces/testing/harness.ts';
import { startClusterServer } from '../cluster-server.ts';
import { SUBPROTOCOL } from '../streams/channels.ts';
import {
  CALLER_NAMES,
  CALLERS,
  type CallerName,
  ELSEWHERE,
  type Expected,
  MATRIX,
  type RouteRow,
} from './access-matrix.ts';
import { MemoryHost } from './memory-host.ts';

export interface TriedCell {
  readonly route: string;
  readonly caller: CallerName;
  readonly expected: Expected;
  /** What is wrong with the answer; undefined: it is as expected. */
  readonly mistake: string | undefined;
}

/** What came of one kind of caller, who had a service and a world to themselves. */
export interface TriedCaller {
  readonly caller: CallerName;
  readonly cells: readonly TriedCell[];
  /** All that the service has. */
  readonly routes: readonly string[];
  /** Steps that began, in order. */
  readonly begun: readonly string[];
  readonly violations: readonly string[];
}

/** Of an answer, ms. */
const LIMIT = 60_000;
const ROWS = Object.entries({ ...MATRIX, ...ELSEWHERE });

export async function runMatrix(): Promise<readonly TriedCaller[]> {
  const keys = await oneKey(systemClock);
  const issuer = CLUSTER_SERVICE_ISSUER;
  const mint: Mint = {
    issuer,
    keys,
    audience: AUDIENCE.clusterService,
    revoke: () => Promise.reject(new Error('nothing is revoked here')),
  };
  const verifier = createTokenVerifier({ issuer, keys, clock: systemClock });
  const tried: TriedCaller[] = [];
  for (const caller of CALLER_NAMES) {
    await using memory = new MemoryHost();
    const server = await startClusterServer({
      version: '0',
      labs: plainLabs(createLabCatalogue([lab])),
      host: async () => memory.host,
      listen: { kind: 'port', host: '127.0.0.1', port: 0 },
      verifier,
      logger: pino({ level: 'silent' }),
    });
    const { address, routes } = server;
    if (address.kind !== 'origin') throw new Error('a service on a port');
    const cells: TriedCell[] = [];
    for (const [route, row] of ROWS) cells.push(await tryCell({ route, row, caller }, address.origin, mint));
    await server.close();
    const { begun, world } = memory;
    tried.push({ caller, cells, routes, begun, violations: world.violations });
  }
  return tried;
}

interface Cell {
  readonly route: string;
  readonly row: RouteRow;
  readonly caller: CallerName;
}

async function tryCell({ route, row, caller }: Cell, origin: string, mint: Mint): Promise<TriedCell> {
  const [name = '', pattern = ''] = route.split(' ');
  const { hostname: host, port } = new URL(origin);
  const pairs = [...(await CALLERS[caller].headers(mint))];
  pairs.push(
    ...(name === 'UPGRADE' ? UPGRADE : [['Idempotency-Key', route.replaceAll(/\W/g, '-')] as const]),
  );
  const body = row.body === undefined ? undefined : JSON.stringify(row.body);
  if (body !== undefined) pairs.push(['Content-Type', 'application/json']);
  const asking = request({
    host,
    port,
    // Too many wrong tokens from one address are answered otherwise, and there are more routes than that.
    localAddress: `127.0.2.${ROWS.findIndex(([each]) => each === route) + 1}`,
    method: name === 'UPGRADE' ? 'GET' : name,
    path: row.path ?? pattern,
    // As an array Node sends the same header twice.
    headers: ['Host', 'service', ...pairs.flat(), 'Content-Length', String(body?.length ?? 0)],
    signal: AbortSignal.timeout(LIMIT),
  });
  const answer = await answerTo(asking, body);
  const expected = row.expected[caller];
  return { route, caller, expected, mistake: mistakeIn(route, expected, answer) };
}

const UPGRADE = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', Buffer.alloc(16).toString('base64')],
  ['Sec-WebSocket-Protocol', SUBPROTOCOL],
] as const;

interface Answer {
  readonly status: number;
  /** Of what goes on without end, none. */
  readonly body: string;
}

async function answerTo(asking: ClientRequest, body: string | undefined): Promise<Answer> {
  const upgraded = once(asking, 'upgrade');
  asking.end(body);
  const [answer]: IncomingMessage[] = await Promise.race([once(asking, 'response'), upgraded]);
  upgraded.catch(() => undefined);
  if (answer === undefined) throw new Error('a response without a message');
  const status = answer.statusCode ?? 0;
  const isEndless = status === 101 || (asking.path === '/v1/events' && status === 200);
  const said = isEndless ? '' : await text(answer);
  asking.destroy();
  return { status, body: said };
}

const REFUSALS = {
  unauthorised: { status: 401, code: 'TOKEN_REFUSED' },
  denied: { status: 403, code: 'ACCESS_DENIED' },
  unknown: { status: 400, code: 'REQUEST_INVALID' },
} as const satisfies Record<Exclude<Expected, 'allowed'>, object>;

function mistakeIn(route: string, expected: Expected, { status, body }: Answer): string | undefined {
  const told: { code?: unknown } = Object(parseJson(body));
  const said = `${status} ${String(told.code ?? '')}`;
  if (expected === 'allowed') {
    if (status >= 300) return said;
    return /"kind":"failed"/.test(body) ? body : undefined;
  }
  const refusal = REFUSALS[expected];
  // To HEAD there is no body.
  const code = route.startsWith('HEAD ') ? refusal.code : told.code;
  return status === refusal.status && code === refusal.code ? undefined : said;
}
