import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingServer } from './counting-server.ts';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

test('-W carries a connection, and the end of one direction', async () => {
  using counting = await countingServer({ port: 0, host: '127.0.0.1' });
  const { stdout } = await it.ssh(['-W', `127.0.0.1:${counting.port}`, ALICE], {
    input: 'x'.repeat(5_000_000),
  });
  expect(stdout).toBe('5000000 bytes');
});

test('-L carries many connections at once', async () => {
  using counting = await countingServer({ port: 0, host: '127.0.0.1' });
  const local = join(it.folder, 'forward.sock');
  const client = it.spawn(['-N', '-L', `${local}:127.0.0.1:${counting.port}`, ALICE]);
  await until(async () => (await execa('test', ['-S', local], { reject: false })).exitCode === 0);
  const answers = Array.from({ length: 20 }, async (_, n) => {
    const socket = connect({ path: local, allowHalfOpen: true });
    socket.end('y'.repeat(n * 1000));
    return await text(socket);
  });
  expect(await Promise.all(answers)).toEqual(answers.map((_, n) => `${n * 1000} bytes`));
  client.kill();
  await once(client, 'exit');
});

test('a forward to where nobody listens is refused, and the connection lives on', async () => {
  const { exitCode, stderr } = await it.ssh(['-W', '127.0.0.1:1', ALICE], { asAPersonSees: true });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('open failed');
});

test.each(['-s', '-O'])('scp (%s) carries files both ways', async (protocol) => {
  const folder = join(it.folder, `scp${protocol}`);
  await mkdir(folder);
  const content = randomBytes(8_000_000);
  await writeFile(join(folder, 'a'), content);
  const scp = ['scp', protocol, ...it.options(), '-P', it.port] as const;
  await execa(scp[0], [...scp.slice(1), join(folder, 'a'), `${ALICE}:${folder}/b`]);
  await execa(scp[0], [...scp.slice(1), `${ALICE}:${folder}/b`, join(folder, 'c')]);
  const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  expect(hash(await readFile(join(folder, 'c')))).toBe(hash(content));
});

test('sftp lists and ends with status 0', async () => {
  const { stdout, exitCode } = await execa('sftp', [...it.options(), '-P', it.port, '-b', '-', ALICE], {
    input: `ls ${it.folder}/id.pub\n`,
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('id.pub');
});
