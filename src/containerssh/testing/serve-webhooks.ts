import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerSshConfig } from '../../config/sections/containerssh.ts';
import { fixedGroups } from '../../groups/groups.ts';
import { PLAIN_GROUP } from '../../groups/testing/plain-group.ts';
import { parseAuthorizedKeysLine } from '../../identity/authorized-keys.ts';
import type { Identity, Knowledge } from '../../identity/identity.ts';
import type { PublicKey } from '../../identity/public-key.ts';
import { createLabAccess } from '../../labs/lab-access.ts';
import { createLabCatalogue } from '../../labs/lab-catalogue.ts';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { createLogger } from '../../logging/logger.ts';
import { parseLabName } from '../../names/lab-name.ts';
import { parseUsername } from '../../names/username.ts';
import { type ContainerSshLimits, startContainerSshServer } from '../containerssh-server.ts';
import { captured, captures } from './captures.ts';
import { MemorySessions } from './memory-sessions.ts';

export const SECRET = 'a-secret-of-more-than-32-characters';
/** As Go's client makes it of `http://containerssh:<secret>@host/`. */
export const AUTHORIZATION = `Basic ${Buffer.from(`containerssh:${SECRET}`).toString('base64')}`;

/** The keys that the captures were accepted with. */
const LISTED = captures().flatMap(({ request, response }) => {
  const reading = parseAuthorizedKeysLine(String(request.body.publicKey ?? ''));
  return response.body.success === true && reading.kind === 'usable' ? [reading.key] : [];
});

export interface ServeOptions {
  readonly sessions?: MemorySessions;
  readonly config?: Partial<ContainerSshConfig>;
  readonly limits?: Partial<ContainerSshLimits>;
  /** What the sources say; by default they know alice and meta-carol and the keys of the captures. */
  readonly lookup?: Identity['lookup'];
  /** By default everybody is who they were. */
  readonly confirm?: Identity['confirm'];
}

/** The webhooks over HTTP, before users and labs in memory: alice has one lab, bob two, meta-carol one; nobody else has any. */
export async function serveWebhooks(options: ServeOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'containerssh-'));
  const file = join(folder, 'secret');
  await writeFile(file, `${SECRET}\n`);
  const lines: string[] = [];
  const sessions = options.sessions ?? new MemorySessions();
  const server = await startContainerSshServer({
    config: {
      listen: Object.freeze({ host: '127.0.0.1', port: 0 }),
      secret: { kind: 'file', file },
      tls: undefined,
      ...options.config,
    },
    identity: {
      credentials: ['public_key'],
      lookup: options.lookup ?? (async (user) => known(user)),
      confirm: options.confirm ?? (async () => ({ kind: 'confirmed' })),
    },
    labAccess: createLabAccess(
      fixedGroups([group('alice', 'k3s'), group('meta-carol', 'k3s'), group('bob', 'k3s', 'plain')]),
      createLabCatalogue(['k3s', 'plain'].map(labNamed)),
    ),
    sessions,
    logger: createLogger('trace', [{ write: (line) => lines.push(line) }]),
    ...(options.limits && { limits: options.limits }),
  });
  const post = (
    path: string,
    body: unknown,
    headers: Record<string, string> = { authorization: AUTHORIZATION },
  ) => postTo(`${url}${path}`, typeof body === 'string' ? body : JSON.stringify(body), headers);
  const url = `http://127.0.0.1:${server.address.port}`;
  return {
    url,
    port: server.address.port,
    server,
    sessions,
    /** The log, as it was written. */
    lines,
    audits: (): Record<string, unknown>[] =>
      lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit),
    post,
    /** As ContainerSSH does before anything else of the same connection. */
    askKey: ({ connectionId, username, remoteAddress }: Record<string, unknown>) =>
      post('/pubkey', { ...captured('pubkey-success').request.body, connectionId, username, remoteAddress }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function postTo(url: string, body: string, headers: Record<string, string>) {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  const parsed: unknown = JSON.parse(text);
  return { status: answer.status, headers: answer.headers, body: parsed };
}

function known(user: string): Knowledge {
  if (!['alice', 'bob', 'meta-carol'].includes(user)) return { kind: 'unknown' };
  return knows(LISTED);
}

export function knows(keys: readonly PublicKey[]): Knowledge {
  return { kind: 'known', source: 'memory', editHint: '', keys, keysArePublic: false };
}

function group(member: string, ...labs: string[]) {
  return {
    ...PLAIN_GROUP,
    name: member,
    members: [parseUsername(member)].flatMap((name) => name ?? []),
    labs: labs.flatMap((name) => parseLabName(name) ?? []),
    defaultLab: undefined,
  };
}
