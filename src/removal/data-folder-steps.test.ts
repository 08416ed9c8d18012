import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistory } from '../history/history.ts';
import { createLogger } from '../logging/logger.ts';
import { systemClock } from '../time/clock.ts';
import { dataFolderSteps } from './data-folder-steps.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'removal-'));
});
afterEach(() => rm(data, { recursive: true }));

async function openAndLeave(): Promise<void> {
  const logger = createLogger('silent', []);
  const history = openHistory({ data, clock: systemClock, logger });
  await history.close();
}

test('what the factory made goes, a history that was damaged as well, and nothing of anybody else', async () => {
  await openAndLeave();
  await writeFile(join(data, 'history.sqlite'), 'damaged '.repeat(1_000));
  await openAndLeave();
  await writeFile(join(data, 'history.sqlite-wal'), 'of a factory that was killed');
  await writeFile(join(data, 'hooks.sqlite'), '');
  await writeFile(join(data, 'hooks.sqlite-wal'), '');
  await writeFile(join(data, 'instance-id'), 'abcd1234');
  await mkdir(join(data, 'logs'));
  await mkdir(join(data, 'pipes', 'alice.k8s'), { recursive: true });
  await mkdir(join(data, 'tokens'));
  await writeFile(join(data, 'tokens', 'keys.json'), '');
  const others = ['history.sqlite.mine', 'notes', 'old-history.sqlite'];
  for (const name of others) await writeFile(join(data, name), '');
  const steps = await dataFolderSteps(data);
  expect(steps.at(-1)?.name).toBe(join(data, 'instance-id'));
  expect(steps.map(({ name }) => basename(name)).join(' ')).toMatch(
    /^history\.sqlite history\.sqlite-wal history\.sqlite\.damaged-\S+Z hooks\.sqlite hooks\.sqlite-wal pipes logs tokens instance-id$/,
  );
  for (const step of steps) await step.remove(new AbortController().signal);
  expect((await readdir(data)).sort()).toEqual(others);
});

test('where there is no folder there is nothing to do', async () => {
  expect(await dataFolderSteps(join(data, 'gone'))).toEqual([]);
});
