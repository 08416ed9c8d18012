import { link, lstat, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assertNoUnfinishedRestore, createRestoreRecords } from '../backup/restore-records.ts';
import { createAsideRecords } from '../clusters/k3d/aside/aside-records.ts';
import { createCreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { expectedInstanceId, likelyInstanceId, openInstanceId } from './instance-id-file.ts';

const alice = parseWorkspaceKey('alice', 'k3s') ?? expect.fail('a key');

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'records-'));
});
afterEach(() => rm(data, { recursive: true }));

/** A link to itself can be read by nobody, root included. */
async function makeUnreadable(name: string): Promise<void> {
  await symlink(name, join(data, name));
}

describe.each([
  [
    'a cluster that is being set aside',
    'one.setting-aside.yaml',
    () => [createAsideRecords(data).pending('one'), createAsideRecords(data).listPending()],
  ],
  [
    'a cluster that was set aside',
    'one.set-aside.yaml',
    () => [createAsideRecords(data).kept('one'), createAsideRecords(data).listKept()],
  ],
  [
    'a creation',
    'one.creating.yaml',
    () => [createCreationRecords(data).has('one'), createCreationRecords(data).list()],
  ],
  [
    'the clusters’ folder',
    'clusters',
    () => {
      const folder = join(data, 'clusters');
      const aside = createAsideRecords(folder);
      return [aside.listPending(), aside.listKept(), createCreationRecords(folder).list()];
    },
  ],
  ['a restore', 'restoring', () => [createRestoreRecords(data).has(alice), assertNoUnfinishedRestore(data)]],
  ['the instance id', 'instance-id', () => [expectedInstanceId(data), openInstanceId(data)]],
])('a record of %s', (_what, name, ask) => {
  test('that can not be read is not taken for none', async () => {
    await makeUnreadable(name);
    for (const answer of await Promise.allSettled(ask())) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'ELOOP' } });
    }
  });

  test('that is not there is none', async () => {
    const answers = await Promise.allSettled(ask());
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

test('an instance id that can not be read is not replaced, and who only looks goes on without', async () => {
  const expected = await likelyInstanceId(data);
  await makeUnreadable('instance-id');
  await expect(openInstanceId(data)).rejects.toMatchObject({ code: 'ELOOP' });
  expect((await lstat(join(data, 'instance-id'))).isSymbolicLink()).toBe(true);
  expect(await likelyInstanceId(data)).toBe(expected);
});

test('a record of a creation is whole at any time, also while that of its removal takes its place', async () => {
  const records = createCreationRecords(data);
  const file = await records.write('one', { kind: 'Simple' });
  const held = join(data, 'held');
  await link(file, held);
  await records.writeRemoval('one', {});
  expect(JSON.parse(await readFile(held, 'utf8'))).toEqual({ kind: 'Simple' });
  expect(await readFile(file, 'utf8')).toContain('runtime');
});
