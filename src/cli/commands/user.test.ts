import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOfflineIdentity } from '../../composition/offline/offline-identity.ts';
import { defaultConfig, ownerName } from '../../config/default-config.ts';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { runProgram } from '../testing/run-program.ts';

const logger = pino({ level: 'silent' });
const SINCE = Date.UTC(2026, 8, 1);
const CHANGED = Date.UTC(2026, 9, 2);

let stack: AsyncDisposableStack;
let folder: string;
let remembered: string;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'user-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'labs/k3s'), { recursive: true });
  await writeFile(join(folder, 'labs/k3s/lab.yaml'), 'container: { image: hello }\n');
  await writeFile(
    join(folder, 'factory.yaml'),
    'domain: lab.test\ndata: ./data\nlabs: [./labs]\nidentity: [{ github: {} }]\ngroups: [{ name: all, members: [alice] }]\n',
  );
  remembered = join(folder, 'data/identity/github.com');
  await mkdir(remembered, { recursive: true });
});
afterEach(() => stack.disposeAsync());

async function remember(name: string, content: object | string): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(join(remembered, `${name}.account.json`), text);
}

const KNOWN = { id: 42, since: SINCE, keys: ['SHA256:abc'] };
const REFUSED = { ...KNOWN, refused: { id: 43, since: CHANGED } };

const DEFAULTS = {
  owner: ownerName('ida').user,
  images: { node: 'n', traefik: 't' },
  labs: '/none',
  lab: undefined,
};

/** A factory that runs on the data folder; only its control socket is there. */
async function startFactory(): Promise<void> {
  const data = join(folder, 'data');
  const config = {
    ...defaultConfig(folder, DEFAULTS, []),
    data,
    identity: [
      { kind: 'github', url: 'https://github.com', freshFor: 1, api: 'https://api.github.com' } as const,
    ],
  };
  const identity = stack.use(openOfflineIdentity(config, { home: folder, agentSocket: undefined }));
  const server = await startControlServer({
    path: controlSocket(data),
    target: { ...IDLE_TARGET, users: identity.accounts },
    logger,
  });
  stack.defer(() => server.close());
}

const factory = (...args: string[]) => runProgram(folder, ['user', ...args, '-c', 'factory.yaml']);

describe.each([
  ['a running factory', startFactory],
  ['no factory', async () => {}],
])('with %s', (_, start) => {
  beforeEach(start);

  test('the list says who is known and who is refused', async () => {
    await remember('alice', REFUSED);
    await remember('bob', KNOWN);
    await remember('carol', 'half a fi');
    expect((await factory('list')).said.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['USER', 'SOURCE', 'ACCOUNT', 'SINCE', 'STATE'],
      ['alice', 'github.com', '42', '2026-09-01', 'refused: it is account 43 since 2026-10-02'],
      ['bob', 'github.com', '42', '2026-09-01', 'known'],
      ['carol', 'github.com', 'unreadable', '-', 'refused: the file cannot be read'],
    ]);
    const { users } = JSON.parse((await factory('list', '--json')).said);
    expect(users).toEqual([
      {
        user: 'alice',
        source: 'github.com',
        account: 42,
        since: '2026-09-01T00:00:00.000Z',
        refused: { account: 43, since: '2026-10-02T00:00:00.000Z' },
      },
      {
        user: 'bob',
        source: 'github.com',
        account: 42,
        since: '2026-09-01T00:00:00.000Z',
        refused: null,
      },
      { user: 'carol', source: 'github.com', account: null, since: null, refused: null },
    ]);
  });

  test('who is accepted is not refused any more; again changes nothing', async () => {
    await remember('alice', REFUSED);
    const accepted = await factory('accept', 'Alice');
    expect(accepted.error).toBeUndefined();
    expect(accepted.said).toBe('alice is account 43 of github.com from now on; before it was 42.');
    expect((await factory('accept', 'alice')).said).toBe(
      'alice is account 43 of github.com, and is not refused; nothing was changed.',
    );
    expect((await factory('list')).said).toMatch(/^alice +github.com +43 +\S+ +known$/m);
  });

  test('what cannot be read is forgotten when it is accepted', async () => {
    await remember('carol', 'half a fi');
    expect((await factory('accept', 'carol', '--json')).said).toBe(
      JSON.stringify({ user: 'carol', source: 'github.com', before: null, now: null }),
    );
    expect((await factory('list')).said).toMatch(/^No account is remembered/);
  });

  test('somebody of whom nothing is remembered is an error', async () => {
    expect((await factory('accept', 'dave')).error).toMatchObject({ code: 'USER_UNKNOWN' });
  });
});

test('what is no user name is a usage error', async () => {
  const { error, complained } = await factory('accept', '../alice');
  expect(error).toMatchObject({ code: 'commander.invalidArgument' });
  expect(complained).toContain('It must be a user name, such as alice.');
});
