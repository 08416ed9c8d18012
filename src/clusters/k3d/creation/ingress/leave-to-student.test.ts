import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { pretendEngine } from '../../../../docker-engine/testing/pretend-engine.ts';
import { leaveToStudent } from './leave-to-student.ts';
import { definitionWith } from './testing/definition-with.ts';

const servers = [{ id: 'first' }, { id: 'second' }];
const warnings: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
const signal = () => AbortSignal.timeout(30_000);

beforeEach(() => {
  warnings.length = 0;
});

/** An engine that takes what is put into nodes, and whose. */
async function takingEngine() {
  const puts: string[] = [];
  const pretend = await pretendEngine((request, response) => {
    puts.push(`${request.method} ${new URL(request.url ?? '', 'http://engine').pathname}`);
    request.resume().on('end', () => response.end());
  });
  return { ...pretend, puts };
}

/** An API that gives no answer to the first `silent` questions; it is late with each, or does not have it. */
function apiAfter(silent: number) {
  const asked: string[] = [];
  const get = async (path: string) => (asked.push(path) > silent ? '{}' : undefined);
  return { get, asked };
}

test('a configuration that is seen late is left to the student all the same, at each server', async () => {
  await using taking = await takingEngine();
  const cluster = { definition: definitionWith(), servers, api: apiAfter(2) };
  await leaveToStudent(taking.engine, cluster, { signal: signal(), logger });
  expect(taking.puts).toEqual(['PUT /containers/first/archive', 'PUT /containers/second/archive']);
  expect(warnings).toEqual([]);
});

test('a configuration that never comes: the cluster is of use, and the log says what the student loses', async () => {
  await using taking = await takingEngine();
  const cluster = { definition: definitionWith(), servers, api: apiAfter(Number.POSITIVE_INFINITY) };
  await leaveToStudent(taking.engine, cluster, { signal: signal(), logger }, 400);
  expect(cluster.api.asked.length).toBeGreaterThan(1);
  expect(taking.puts).toEqual([]);
  expect(warnings.join()).toContain('each start undoes what the student changes');
});

test('a lab without a Traefik of k3s is not asked for a configuration', async () => {
  await using taking = await takingEngine();
  const cluster = { definition: definitionWith('--disable=traefik'), servers, api: apiAfter(0) };
  await leaveToStudent(taking.engine, cluster, { signal: signal(), logger });
  expect([cluster.api.asked, taking.puts, warnings]).toEqual([[], [], []]);
});

test('a creation that is called off, or whose Docker is gone, does not wait', async () => {
  await using taking = await takingEngine();
  const cluster = { definition: definitionWith(), servers, api: apiAfter(Number.POSITIVE_INFINITY) };
  const calledOff = leaveToStudent(taking.engine, cluster, { signal: AbortSignal.timeout(200), logger });
  await expect(calledOff).rejects.toThrow('timeout');
  const gone = { get: () => Promise.reject(new Error('Docker is gone')) };
  const failing = leaveToStudent(taking.engine, { ...cluster, api: gone }, { signal: signal(), logger });
  await expect(failing).rejects.toThrow('Docker is gone');
  expect(warnings).toEqual([]);
});
