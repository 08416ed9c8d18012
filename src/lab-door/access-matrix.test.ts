import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApi } from '../api/create-api.ts';
import { ENDPOINTS, PUBLIC_ENDPOINTS } from '../api/endpoints.ts';
import {
  ASKED,
  BUSY,
  CALLER_NAMES,
  CALLERS,
  type CallerName,
  type EndpointRequest,
  type Expected,
  MATRIX,
  REQUESTS,
  type Row,
} from '../api/testing/access-matrix.ts';
import { withoutValidToken } from '../api/testing/callers.ts';
import { countCells, securityPage } from '../api/testing/count-cells.ts';
import { type ServedApi, serveApi } from '../api/testing/served-api.ts';
import { parseJson } from '../json/parse-json.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { systemClock } from '../time/clock.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import { createLabDoor, type ServedLabDoor } from './lab-door.ts';

/*
 * The authorisation matrix of the door in a lab's container: what it answers whoever is in there, with every kind of token. Whose it is says the
 * stream, and no token.
 */

/** `own workspace`: for that of the stream, whatever token is sent along. */
type DoorExpected = Expected | 'own workspace';
type DoorRow = Readonly<Record<CallerName, DoorExpected>>;

const ALL_OWN: DoorRow = {
  ...withoutValidToken<DoorExpected>('own workspace'),
  own: 'own workspace',
  own_scheme_in_lower_case: 'own workspace',
  own_without_session: 'own workspace',
  own_from_another_site: 'own workspace',
  own_from_an_opaque_origin: 'own workspace',
  own_from_a_page_of_the_same_domain: 'own workspace',
  other_student: 'own workspace',
  same_user_other_lab: 'own workspace',
  instructor_of_the_group: 'own workspace',
  instructor_of_another_group: 'own workspace',
  instructor_for_another_lab: 'own workspace',
  instructor_of_no_group: 'own workspace',
  admin: 'own workspace',
  gateway: 'own workspace',
};

/** The routes that the door alone has. */
const DOOR_MATRIX: Readonly<Record<string, DoorRow>> = {
  'POST /cluster': ALL_OWN,
  'GET /token': ALL_OWN,
  'HEAD /token': ALL_OWN,
};

/** The API has the answers that it has elsewhere, but that who is in a lab can do nothing as somebody else. */
function atTheDoor(row: Row): DoorRow {
  return {
    ...row,
    own_without_session: 'denied',
    other_student: 'denied',
    same_user_other_lab: 'denied',
    instructor_of_the_group: 'denied',
    instructor_of_another_group: 'denied',
    instructor_for_another_lab: 'denied',
    instructor_of_no_group: 'denied',
    admin: 'denied',
    // Its tokens are for another service.
    gateway: 'denied',
  };
}

interface TriedCell {
  readonly row: string;
  readonly caller: CallerName;
  readonly workspace: WorkspaceKey;
  readonly expected: DoorExpected;
  readonly mistake: string | undefined;
}

let served: ServedApi;
let tried: readonly TriedCell[];
let routes: readonly string[];
/** Whose commands were carried out. */
const ran: string[] = [];

beforeAll(async () => {
  served = await serveApi();
  const cells: TriedCell[] = [];
  for (const caller of CALLER_NAMES) {
    // Each with a door of its own, as too many wrong tokens at one are answered otherwise.
    const door = await openDoor();
    routes = door.routes;
    cells.push(...(await tryCaller(door, caller)));
    await door.close();
  }
  tried = cells;
}, 60_000);
afterAll(() => served[Symbol.asyncDispose]());

function openDoor(): Promise<ServedLabDoor> {
  const { options, issuer } = served;
  return createLabDoor({
    folder: '/run/lab',
    run: async (workspace, _args, { print }) => {
      ran.push(formatWorkspaceKey(workspace));
      print(formatWorkspaceKey(workspace));
      return 0;
    },
    issuer,
    verifier: options.verifier,
    addApi: async (app) => void (await app.register(createApi(options))),
    clock: systemClock,
    logger: options.logger,
  });
}

async function tryCaller(door: ServedLabDoor, caller: CallerName): Promise<readonly TriedCell[]> {
  const cells: TriedCell[] = [];
  for (const [row, expected] of Object.entries(DOOR_MATRIX)) {
    const [method = '', path = ''] = row.split(' ');
    for (const workspace of BUSY) {
      const answer = await ask(door, { method, path }, caller, workspace);
      const mistake = await mistakeOfOwn(row, workspace, answer);
      cells.push({ row, caller, workspace, expected: expected[caller], mistake });
    }
  }
  const recipe = CALLERS[caller];
  for (const endpoint of [...ENDPOINTS, ...PUBLIC_ENDPOINTS]) {
    const expected = atTheDoor(MATRIX[endpoint])[caller];
    const asked = REQUESTS[endpoint]('of' in recipe ? recipe.of : ASKED);
    const answer = await ask(door, asked, caller, ASKED);
    cells.push({ row: endpoint, caller, workspace: ASKED, expected, mistake: mistakeIn(expected, answer) });
  }
  return cells;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(
  door: ServedLabDoor,
  { method, path, body = '' }: Omit<EndpointRequest, 'method'> & { readonly method: string },
  caller: CallerName,
  workspace: WorkspaceKey,
): Promise<Answer> {
  const [ours, theirs] = duplexPair();
  door.connect(workspace, theirs);
  const headers = [...(await CALLERS[caller].headers(served.mint)), ['Content-Length', String(body.length)]];
  if (body !== '') headers.push(['Content-Type', 'application/json']);
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  ours.write(`${method} ${path} HTTP/1.0\r\nHost: lab\r\n${head}\r\n${body}`);
  const answer = await text(ours);
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  return { status: Number(status), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
}

async function mistakeOfOwn(
  row: string,
  workspace: WorkspaceKey,
  { status, body }: Answer,
): Promise<string | undefined> {
  const name = formatWorkspaceKey(workspace);
  if (status !== 200) return `${status}`;
  if (row === 'HEAD /token') return body === '' ? undefined : body;
  if (row === 'POST /cluster') return body === `s\no ${name}\nx 0\n` ? undefined : body;
  const { token }: { token?: unknown } = Object(parseJson(body));
  const { principal } = await served.options.verifier.verify(String(token), AUDIENCE.api);
  if (principal.role === 'student' && formatWorkspaceKey(principal.key) === name) return undefined;
  return JSON.stringify(principal);
}

const STATUS = { unauthorised: 401, denied: 403, hidden: 404 } as const;

function mistakeIn(expected: DoorExpected, { status, body }: Answer): string | undefined {
  // The state of the cluster may stand in the way of who is allowed.
  const isRight =
    expected === 'allowed'
      ? status < 300 || status === 409
      : expected !== 'own workspace' && status === STATUS[expected];
  return isRight ? undefined : `${status} ${body.slice(0, 100)}`;
}

test('the door answers every kind of token as the matrix says, and for the workspace of the stream', async () => {
  const mistakes = tried.flatMap(({ row, caller, workspace, expected, mistake }) =>
    mistake === undefined
      ? []
      : [`${row}, ${caller}, from ${formatWorkspaceKey(workspace)}: ${expected}, and not ${mistake}`],
  );
  expect(mistakes).toEqual([]);
  const rows = BUSY.length * Object.keys(DOOR_MATRIX).length + ENDPOINTS.length + PUBLIC_ENDPOINTS.length;
  expect(tried).toHaveLength(rows * CALLER_NAMES.length);
  const line = `authorisation matrix of the doors of labs: ${countCells(tried)}`;
  expect(await securityPage()).toContain(`${line}\n`);
  process.stdout.write(`${line}\n`);
});

test('each command is carried out once, for the one whose stream it came by', () => {
  const asked = tried.filter(({ row }) => row === 'POST /cluster').map(({ workspace }) => workspace);
  expect(ran).toEqual(asked.map(formatWorkspaceKey));
});

test('every route of the door has a row', () => {
  // Those of the API have theirs in src/api.
  const known = [...Object.keys(DOOR_MATRIX), ...served.routes.map(({ name }) => name)];
  const without = routes.filter((route) => !known.includes(route));
  expect(without, 'give each of these a row in src/lab-door/access-matrix.test.ts').toEqual([]);
  expect(Object.keys(DOOR_MATRIX).filter((row) => !routes.includes(row))).toEqual([]);
});
