import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger, username } from '../testing/fixtures.ts';
import { startSoftwareAgent } from '../testing/software-agent.ts';
import { makeTestKey } from '../testing/test-keys.ts';
import { OwnKeysSource } from './own-keys.ts';

const inFile = makeTestKey('ssh-ed25519');
const inAgent = makeTestKey('sk-ssh-ed25519@openssh.com');
const me = username('me');
const signal = new AbortController().signal;
const { logger } = recordingLogger();

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'identity-own-'));
});
afterEach(() => rm(home, { recursive: true }));

test('keys of ~/.ssh/*.pub and of the agent are listed once, for the one user', async () => {
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh', 'id_ed25519.pub'), `${inFile.line}\n`);
  await writeFile(join(home, '.ssh', 'known_hosts'), makeTestKey('ssh-ed25519').line);
  const agentSocket = join(home, 'agent');
  await using _agent = await startSoftwareAgent(agentSocket, [inFile, inAgent]);
  const source = new OwnKeysSource({ user: me, home, agentSocket, agentTimeout: 60_000, logger });
  expect(await source.lookup(me, signal)).toMatchObject({ kind: 'known', keys: [inFile.key, inAgent.key] });
  expect(await source.lookup(username('you'), signal)).toEqual({ kind: 'unknown' });
});

test('without a folder and with an agent that is gone there are no keys', async () => {
  const source = new OwnKeysSource({ user: me, home, agentSocket: join(home, 'gone'), logger });
  expect(await source.lookup(me, signal)).toMatchObject({ kind: 'known', keys: [] });
});

/** One that takes every question and answers none. */
async function startSilentAgent(socketPath: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.resume()).listen(socketPath);
  await once(server, 'listening');
  return server;
}

test('an agent that does not answer in time is not one without keys', async () => {
  const agentSocket = join(home, 'agent');
  await using _agent = await startSilentAgent(agentSocket);
  const source = new OwnKeysSource({ user: me, home, agentSocket, agentTimeout: 200, logger });
  expect(await source.lookup(me, signal)).toMatchObject({ kind: 'unavailable', source: 'the ssh-agent' });
});

test('the keys in files let in also while the agent does not answer, and a refusal says that it does not', async () => {
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh', 'id_ed25519.pub'), `${inFile.line}\n`);
  const agentSocket = join(home, 'agent');
  await using _agent = await startSilentAgent(agentSocket);
  const source = new OwnKeysSource({ user: me, home, agentSocket, agentTimeout: 200, logger });
  expect(await source.lookup(me, signal)).toMatchObject({
    kind: 'known',
    keys: [inFile.key],
    editHint: expect.stringContaining('ssh-agent does not answer now'),
  });
});
