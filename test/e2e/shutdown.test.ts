import { expect, test } from 'vitest';
import { Factory } from './harness/factory.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';

// An orderly end, and what becomes of the workspaces, is one of the ways in ways-to-go.
test('a second signal ends the factory at once', async (context) => {
  await using factory = await Factory.start({
    labs: { plain: PLAIN_LAB },
    config: { shutdown: { timeout: '60s' } },
  });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await using window = alice.terminal();
  await window.shows(/\$ $/);

  factory.signal('SIGTERM');
  await window.shows(/restart/i);
  expect(factory.running).toBe(true);
  factory.signal('SIGTERM');
  // Well before the time that sessions have.
  await factory.ended(30_000);
});
