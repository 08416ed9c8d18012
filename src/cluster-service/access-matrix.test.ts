import { beforeAll, expect, test } from 'vitest';
import { countCells, securityPage } from '../api/testing/count-cells.ts';
import { OPERATIONS } from './operations.ts';
import { CALLER_NAMES, ELSEWHERE, MATRIX } from './testing/access-matrix.ts';
import { runMatrix, type TriedCaller } from './testing/run-matrix.ts';

let tried: readonly TriedCaller[];
beforeAll(async () => {
  tried = await runMatrix();
}, 60_000);

test('every route answers every kind of caller as the matrix says', async () => {
  const cells = tried.flatMap((each) => each.cells);
  const mistakes = cells.flatMap(({ route, caller, expected, mistake }) =>
    mistake === undefined ? [] : [`${route}, ${caller}: ${expected}, and not ${mistake}`],
  );
  expect(mistakes).toEqual([]);
  const rows = Object.keys({ ...MATRIX, ...ELSEWHERE });
  expect(cells).toHaveLength(rows.length * CALLER_NAMES.length);
  const line = `authorisation matrix of the cluster service: ${countCells(cells)}`;
  expect(await securityPage()).toContain(`${line}\n`);
  process.stdout.write(`${line}\n`);
});

test('what is refused is not done, and what is allowed is', () => {
  const isGateway = (caller: string) => caller.startsWith('gateway');
  for (const { caller, begun, violations } of tried) {
    if (isGateway(caller)) expect(new Set(begun)).toEqual(new Set(STEPS));
    else expect(begun, caller).toEqual([]);
    expect(violations).toEqual([]);
  }
  expect(tried.map(({ caller }) => caller).filter(isGateway)).toHaveLength(2);
});

const STEPS = ['create', 'start', 'resume', 'suspend', 'stop', 'remove', 'reset'];

test('every route of the service has a row', () => {
  const routes = tried.flatMap((each) => each.routes);
  const rows = Object.keys(MATRIX);
  const without = routes.filter((route) => !rows.includes(route));
  expect(without, 'give each of these a row in src/cluster-service/testing/access-matrix.ts').toEqual([]);
  expect(rows.filter((row) => !routes.includes(row))).toEqual([]);
  const operations = Object.values(OPERATIONS).flatMap((each) => Object.values(each));
  const paths = operations.map(({ name }) => `POST /v1/operations/${name}`);
  expect(
    paths.filter((path) => !rows.includes(path)),
    'operations of the table',
  ).toEqual([]);
});
