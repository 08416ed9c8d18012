import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT } from '../e2e/harness/set-up.ts';
import { countingServer } from './counting-server.ts';
import { GatewayUnderTest } from './gateway-under-test.ts';
import type { Behaviour, Seen } from './like-openssh/behaviour.ts';
import { sshPage } from './like-openssh/page.ts';
import { startPlainSshd } from './like-openssh/plain-sshd.ts';
import { Side } from './like-openssh/side.ts';
import { BEHAVIOURS } from './like-openssh/tables.ts';

const PAGE = resolve(PROJECT, 'docs/ssh.md');
const stack = new AsyncDisposableStack();
let plain: Side;
let gateway: Side;
let plainConfig: string;

const sizeAndHash = ({ size, sha256 }: { size: number; sha256: string }) => `${size} ${sha256}\n`;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'like-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const it = stack.use(await GatewayUnderTest.start());
  // In the place of xauth(1), which would write into this machine's own file.
  await writeFile(join(it.folder, 'xauth'), '#!/bin/sh\ncat >/dev/null\n');
  await chmod(join(it.folder, 'xauth'), 0o755);
  const sshd = stack.use(await startPlainSshd(it.folder, await readFile(join(it.folder, 'id.pub'), 'utf8')));
  plainConfig = sshd.config;
  const count = stack.use(await countingServer({ port: 0, host: '127.0.0.1' }, sizeAndHash));
  const unix = join(folder, 'count');
  stack.use(await countingServer({ path: unix }, sizeAndHash));
  const web = stack.use(await welcomingServer());
  const env = { COUNT: String(count.port), COUNT_UNIX: unix, WEB: String(web.port) };
  const server = { user: 'root', port: sshd.port };
  const key = join(it.folder, 'id');
  plain = stack.use(await Side.open(join(folder, 'p'), server, server, key, env));
  const alice = { user: 'alice', port: it.gateway.address.port };
  gateway = stack.use(await Side.open(join(folder, 'g'), alice, server, key, env));
});
afterAll(() => stack.disposeAsync());

// Each has a folder of its own, and much of their time is waiting; so those of one table need not wait for another's.
describe.concurrent.each(BEHAVIOURS)('$title', ({ behaviours }) => {
  test.concurrent.each(behaviours)('$does', async (behaviour) => {
    const [asPlain, asGateway] = await Promise.all([
      plain.play(behaviour.script),
      gateway.play(behaviour.script),
    ]);
    expect(asPlain.status, asPlain.stderr).toBe(behaviour.status ?? 0);
    expect(`${asPlain.stdout}\n${asPlain.stderr}`).toContain(behaviour.shows);
    expect(asGateway).toEqual(expectedOf(behaviour, asPlain));
    if (behaviour.differs !== undefined) expect(asGateway).not.toEqual(asPlain);
  });
});

test.each(['KexAlgorithms', 'Ciphers', 'MACs'])(
  'each of the %s of a plain sshd is in one of the lists',
  async (option) => {
    const { stdout } = await execa('/usr/sbin/sshd', ['-T', '-f', plainConfig]);
    const line = stdout.split('\n').find((line) => line.startsWith(`${option.toLowerCase()} `)) ?? '';
    const offered = line.slice(option.length + 1).split(',');
    expect(offered.length).toBeGreaterThan(3);
    const listed = BEHAVIOURS.flatMap(({ behaviours }) => behaviours)
      .filter(({ does }) => does.startsWith(`${option}: `))
      .flatMap(({ does }) => [...does.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(listed).toEqual(expect.arrayContaining(offered));
  },
);

test('docs/ssh.md has these lists', async () => {
  await expect(sshPage(await readFile(PAGE, 'utf8'), BEHAVIOURS)).toMatchFileSnapshot(PAGE);
});

/** Says so to each request. */
async function welcomingServer() {
  const server = createServer((_request, response) => response.end('welcome\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close().closeAllConnections() };
}

/** What the gateway's client must show: the same, but for what is known to differ. */
function expectedOf({ differs }: Behaviour, plainly: Seen) {
  const { status, stdout, stderr } = differs?.gateway ?? {};
  return {
    status: status ?? plainly.status,
    stdout: stdout === undefined ? plainly.stdout : expect.stringMatching(stdout),
    stderr: stderr === undefined ? plainly.stderr : expect.stringMatching(stderr),
  };
}
