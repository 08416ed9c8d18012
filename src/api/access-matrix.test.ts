import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENDPOINTS, PUBLIC_ENDPOINTS } from './endpoints.ts';
import { MATRIX } from './testing/access-matrix.ts';
import { countCells, securityPage } from './testing/count-cells.ts';
import { cells, runMatrix, type TriedCell } from './testing/run-matrix.ts';
import { type ServedApi, serveApi } from './testing/served-api.ts';

let served: ServedApi;
let tried: readonly TriedCell[];
beforeAll(async () => {
  served = await serveApi();
  // A busy machine takes its time.
  tried = await runMatrix(served.address, served.mint);
}, 60_000);
afterAll(() => served[Symbol.asyncDispose]());

test('every endpoint answers every kind of caller as the matrix says', async () => {
  const mistakes = tried.flatMap(({ endpoint, caller, expected, mistake }) =>
    mistake === undefined ? [] : [`${endpoint}, ${caller}: ${expected}, and not ${mistake}`],
  );
  expect(mistakes).toEqual([]);
  expect(tried).toHaveLength(cells().length);
  const line = `authorisation matrix: ${countCells(tried)}`;
  expect(await securityPage()).toContain(`${line}\n`);
  process.stdout.write(`${line}\n`);
});

test('what is refused is not done, and what is allowed is', () => {
  const orders = ['ensure', 'suspend', 'stop', 'reset', 'remove', 'stopNode', 'startNode'];
  const allowed = tried.filter(
    ({ endpoint, expected }) => orders.includes(endpoint) && expected === 'allowed',
  );
  expect(served.clusters.given).toHaveLength(allowed.length);
  expect(allowed.length).toBeGreaterThan(0);
  expect(new Set(served.clusters.given.map(({ workspace }) => workspace))).toEqual(new Set(['alice/k3s']));
});

test('every route of the server has a row', () => {
  const rows: readonly string[] = Object.keys(MATRIX);
  const without = served.routes
    .filter(({ endpoint }) => endpoint === undefined || !rows.includes(endpoint))
    .map(({ name }) => name);
  expect(without, 'give each of these an endpoint, and a row in src/api/testing/access-matrix.ts').toEqual(
    [],
  );
  const served_endpoints = served.routes.map(({ endpoint }) => endpoint);
  expect(served_endpoints.toSorted()).toEqual([...ENDPOINTS, ...PUBLIC_ENDPOINTS].toSorted());
});

test('nobody is told what was wrong with a token, and the log is, without it', () => {
  const refused = tried.filter(({ expected }) => expected === 'unauthorised');
  const sentences = new Set(refused.map(({ body }) => JSON.parse(body).detail));
  expect(sentences.size).toBeLessThanOrEqual(2);
  const challenges = refused.map(({ headers }) => headers['www-authenticate'] ?? 'none');
  for (const challenge of challenges) expect(challenge).toMatch(/^Bearer /);
  const log = served.log.join('\n');
  expect(log).toContain('ERR_JWT_EXPIRED');
  expect(log).not.toMatch(/eyJ/);
});

test('what is hidden can not be told from what is not there', async () => {
  const hidden = tried.filter(({ expected }) => expected === 'hidden');
  const bodies = hidden.map(({ body }) => ({ ...JSON.parse(body), id: '' }));
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
});
