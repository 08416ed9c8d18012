import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ALICE, GatewayUnderTest, until } from './gateway-under-test.ts';

test('a drain tells who is there, refuses who comes, and ends the sessions at its time', async () => {
  await using it = await GatewayUnderTest.start();
  const { draining } = it.gateway;
  const client = it.spawn(['-tt', ALICE, 'exec sh']);
  let shown = '';
  client.stdout.on('data', (chunk: Buffer) => {
    shown += String(chunk);
  });
  const shell = it.spawn(['-tt', ALICE]);
  let told = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    told += String(chunk);
  });
  await until(() => it.workspaces.holders.size === 2 && told !== '' && shown !== '');

  draining.begin({ until: Date.now() + 60_000, message: 'New labs.' });
  await until(() => told.includes('restarted in 60 s'));
  expect(told).toContain('New labs.');
  // A command's output is a program's to read.
  expect(shown).not.toContain('restarted');
  const refused = await it.ssh([ALICE, 'echo in']);
  expect(refused).toMatchObject({ stdout: '', exitCode: 1 });
  expect(refused.stderr).toMatch(/takes no new sessions now.* New labs\. Try again in \d+ s\./);
  expect(it.workspaces.holders.size).toBe(2);

  draining.begin({ until: Date.now() + 500, message: undefined });
  await Promise.all([once(client, 'close'), once(shell, 'close')]);
  expect(told).toContain('restarted now, and your session ends');
  await until(() => it.workspaces.holders.size === 0);

  draining.cancel();
  expect(await it.ssh([ALICE, 'echo in'])).toMatchObject({ stdout: 'in', exitCode: 0 });
});

test('who is refused and opens no session does not stay', async () => {
  await using it = await GatewayUnderTest.start({ limits: { refusedStay: 300 } });
  it.gateway.draining.begin({ until: Date.now() + 60_000, message: undefined });
  const refused = it.spawn(['-N', ALICE]);
  await once(refused, 'close');
  it.gateway.draining.cancel();
  const welcome = it.spawn(['-N', ALICE]);
  await until(() => it.workspaces.holders.size === 1);
  expect((await it.ssh([ALICE, 'sleep 1; echo in'])).stdout).toBe('in');
  expect([welcome.exitCode, it.workspaces.holders.size >= 1]).toEqual([null, true]);
  welcome.kill();
});
