import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../gateway-under-test.ts';
import { Side } from './side.ts';

/** Says its child's process id, and waits for it. */
const WITH_A_CHILD = 'sleep 300 & echo $!; wait';

let folder: string;
let side: Side;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'side-'));
  const server = { user: 'nobody', port: 1 };
  side = await Side.open(folder, server, server, 'no key', {});
});
afterEach(async () => {
  side[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

/** Of a process that is gone, also of one that nobody has waited for yet, it is empty. */
async function commandOf(pid: string): Promise<string> {
  return await readFile(`/proc/${pid.trim()}/cmdline`, 'utf8').catch(() => '');
}

test.each([
  ['takes too long', WITH_A_CHILD, undefined],
  ['ends before what it has started', 'sleep 300 >/dev/null 2>&1 & echo $!', 0],
])('a script that %s leaves nothing behind', async (_, script, status) => {
  const seen = await side.play(script, 20_000);
  expect(seen.status).toBe(status);
  expect(seen.stdout).toMatch(/^\d+$/);
  await until(async () => (await commandOf(seen.stdout)) === '');
});

test('what is played when its side is done with is ended', async () => {
  const playing = side.play(`sleep 300 & echo $! >"$D/../pid"; wait`);
  const pid = () => readFile(join(folder, 'pid'), 'utf8').catch(() => '');
  await until(async () => (await commandOf(await pid())).startsWith('sleep'));
  side[Symbol.dispose]();
  expect((await playing).status).toBeUndefined();
  await until(async () => (await commandOf(await pid())) === '');
});
