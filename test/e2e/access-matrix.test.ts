import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSY, GROUPS, QUIET } from '../../src/api/testing/access-matrix.ts';
import type { Mint } from '../../src/api/testing/caller-tokens.ts';
import { countCells } from '../../src/api/testing/count-cells.ts';
import { type Cell, cells, runMatrix } from '../../src/api/testing/run-matrix.ts';
import { parseInstanceId } from '../../src/names/instance-id.ts';
import { readKeys } from '../../src/tokens/key-file.ts';
import { signingKey } from '../../src/tokens/key-schedule.ts';
import { issuerOf } from '../../src/tokens/open-tokens.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

/*
 * The authorisation matrix on a factory that really runs, with clusters and sessions; src/api has it on one that is made up. Each refusal has
 * its control in the same row: the ones who may read do read. Orders that are allowed would take the clusters away under the test; they are
 * in cluster-command.test.ts.
 */

const READS: readonly Cell['endpoint'][] = [
  'list',
  'status',
  'kubeconfig',
  'logs',
  'events',
  'openapi',
  'jwks',
];
const chosen = ({ endpoint, expected }: Cell) => expected !== 'allowed' || READS.includes(endpoint);

const stack = new AsyncDisposableStack();
let factory: Factory;
beforeAll(async () => {
  factory = stack.use(
    await Factory.start({
      labs: { k3s: CLUSTER_LAB, other: { ...CLUSTER_LAB, routes: { host: 'other.{{ username }}' } } },
      groups: GROUPS.map(({ name, members, labs }) => ({ name, members: [...members], labs: [...labs] })),
    }),
  );
  const busy: { student: Student; login: string }[] = [];
  for (const { user, lab } of BUSY)
    busy.push({ student: await factory.student(user), login: `${user}/${lab}` });
  await Promise.all(busy.map(async ({ student, login }) => stack.use(await student.hold({ login }))));
  await (await factory.student(QUIET.user)).run('true');
  for (const { student, login } of busy)
    await student.run('@cluster status --wait', { login, timeout: 200_000 });
}, 600_000);
afterAll(() => stack.disposeAsync());

/** With the very keys of the factory. */
async function mintOf({ folder }: Factory): Promise<Mint> {
  const keys = (await readKeys(join(folder, 'data'))) ?? [];
  const key = signingKey(keys, Date.now());
  const instance = parseInstanceId(await factory.instance());
  if (key === undefined || instance === undefined) throw new Error('a factory without keys');
  return {
    issuer: issuerOf(instance),
    keys: { current: () => key },
    revoke: async (revocation) => {
      const of = revocation.kind === 'id' ? ['--id', revocation.id] : expect.fail('tokens are revoked by id');
      expect((await runFactory(folder, ['token', 'revoke', ...of])).code).toBe(0);
    },
  };
}

/** Every container of the workspaces, and since when it runs. */
async function lives(): Promise<readonly string[]> {
  const workspaces = BUSY.map(({ user, lab }) => new Workspace(factory, user, lab));
  const containers = await Promise.all(workspaces.map((each) => each.containers()));
  return containers.flat().map(({ Id, State }) => `${Id} ${State.Status} ${State.StartedAt}`);
}

test('answers every kind of caller at every endpoint as the matrix says, and no refused order does anything', async () => {
  const before = await eventually(
    async () => {
      const now = await lives();
      return now.every((life) => life.includes(' running ')) ? now : undefined;
    },
    { what: 'all that is occupied runs' },
  );
  const { hostname: host, port } = new URL(factory.endpoints.web.url);
  const tried = await runMatrix({ host, port: Number(port) }, await mintOf(factory), chosen);
  const mistakes = tried.flatMap(({ endpoint, caller, expected, mistake }) =>
    mistake === undefined ? [] : [`${endpoint}, ${caller}: ${expected}, and not ${mistake}`],
  );
  expect(mistakes).toEqual([]);
  expect(tried).toHaveLength(cells(chosen).length);
  expect(await lives()).toEqual(before);
  process.stdout.write(`authorisation matrix on a running factory: ${countCells(tried)}\n`);
});
