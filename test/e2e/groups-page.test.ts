import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putFactoryCommand } from './harness/factory-command.ts';
import { followPage } from './harness/follow-page.ts';
import { readPage } from './harness/literate-page.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { PROJECT } from './harness/set-up.ts';
import { sweepFolder } from './harness/sweeper.ts';

test('who does what docs/groups.md says sees what it says', async () => {
  const folder = await makeRunFolder();
  try {
    await putFactoryCommand(folder);
    const page = await readFile(join(PROJECT, 'docs/groups.md'), 'utf8');
    await followPage(page, { folder, env: { SSH_AUTH_SOCK: '' }, replace: new Map(), within: 180_000 });
    expect(readPage(page).length).toBeGreaterThanOrEqual(8);
  } finally {
    await sweepFolder(folder);
  }
});
