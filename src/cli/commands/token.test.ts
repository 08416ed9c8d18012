import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { parseInstanceId } from '../../names/instance-id.ts';
import { systemClock } from '../../time/clock.ts';
import { openTokens, type Tokens } from '../../tokens/open-tokens.ts';
import { AUDIENCE } from '../../tokens/principal.ts';
import { ALICE } from '../../tokens/testing/some-tokens.ts';
import { runProgram } from '../testing/run-program.ts';

const logger = pino({ level: 'silent' });
const instance = parseInstanceId('abcd1234') ?? expect.fail();

let stack: AsyncDisposableStack;
let folder: string;
let tokens: Tokens;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'token-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), 'container: { image: hello }\n');
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.test\ndata: ./data\nlabs: [./labs]\ngroups: [{ name: all, members: ["*"] }]\n',
  );
  const data = join(folder, 'data');
  tokens = stack.use(await openTokens({ data, instance, clock: systemClock, logger }));
});
afterEach(() => stack.disposeAsync());

async function startFactory(): Promise<void> {
  const path = controlSocket(join(folder, 'data'));
  const server = await startControlServer({ path, target: { ...IDLE_TARGET, tokens }, logger });
  stack.defer(() => server.close());
}

const factory = (...args: string[]) => runProgram(folder, ['token', ...args, '-c', 'factory.yaml']);

const verify = (token: string) => tokens.verifier.verify(token, AUDIENCE.api);

test('the token is all that is printed; what it is for is said beside it', async () => {
  await startFactory();
  const { said, complained, error } = await factory(
    'create',
    '--role',
    'instructor',
    '--name',
    'carol',
    '--group',
    'a',
    '--group',
    'b',
    '--for',
    '8h',
  );
  expect(error).toBeUndefined();
  const { principal, issuedAt, expiresAt } = await verify(said);
  expect(principal).toEqual({ role: 'instructor', name: 'carol', groups: ['a', 'b'] });
  expect(Math.round((expiresAt - issuedAt) / 3_600_000)).toBe(8);
  expect(complained).toMatch(/^For carol, an instructor of a, b, for 8 h; .* --id [0-9a-f-]{36}$/);
  expect(complained).not.toContain(said);
});

test('a student has a quarter of an hour, and one is taken back by its id', async () => {
  await startFactory();
  const { said } = await factory('create', '--role', 'student', '--workspace', 'alice/k3s', '--json');
  const { token, id, expires_at: end } = JSON.parse(said);
  expect((await verify(token)).principal).toEqual(ALICE);
  expect((Date.parse(end) - Date.now()) / 60_000).toBeCloseTo(15, 0);
  expect((await factory('revoke', '--id', id)).said).toBe('That token is void.');
  await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
});

test.each([
  ['name', 'dave', ['--role', 'admin', '--name', 'dave']],
  ['workspace', 'alice/k3s', ['--role', 'student', '--workspace', 'alice/k3s']],
])('those of a %s are taken back', async (kind, of, whose) => {
  await startFactory();
  const { said: token } = await factory('create', ...whose);
  await verify(token);
  const { said } = await factory('revoke', `--${kind}`, of);
  expect(said).toBe(`The tokens of ${of} that were made until now are void.`);
  await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
});

test('keys are changed, and printed', async () => {
  await startFactory();
  const { said } = await factory('rotate');
  const printed = JSON.parse((await factory('jwks')).said);
  expect(printed).toEqual(tokens.jwks());
  expect(said).toBe(
    `The key ${printed.keys[1].kid} is published, and signs in 10 min. Tokens that were given out stay valid.`,
  );
});

test('nothing of it goes without a factory, which alone has the keys', async () => {
  for (const args of [
    ['create', '--role', 'admin', '--name', 'dave'],
    ['rotate'],
    ['jwks'],
    ['revoke', '--name', 'dave'],
  ]) {
    expect((await factory(...args)).error).toMatchObject({ code: 'NOT_RUNNING' });
  }
});

test.each([
  ['a student without a workspace', 'create --role student', /--workspace alice\/k3s/],
  ['an instructor without a name', 'create --role instructor --group a', /--name carol/],
  ['an instructor without groups', 'create --role instructor --name carol', /--group class-a/],
  ['a role that there is not', 'create --role root --name carol', /student, instructor, admin/],
  ['no role', 'create --name carol', /--role/],
  ['a time that is none', 'create --role admin --name dave --for tomorrow', /15m, 8h or 30d/],
  ['a revocation of nothing', 'revoke', /give --workspace, --name or --id/],
  ['a revocation of two things', 'revoke --name dave --workspace alice/k3s', /cannot be used with/],
  ['an id that is none', 'revoke --id x', /id of a token/],
])('%s is a mistake', async (_what, words, expected) => {
  await startFactory();
  const { said, complained, error } = await factory(...words.split(' '));
  expect(error).toBeDefined();
  expect(complained).toMatch(expected);
  expect(said).toBe('');
});
