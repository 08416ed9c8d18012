import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pretendEngine } from '../../../docker-engine/testing/pretend-engine.ts';
import { attempt } from './attempt.ts';

const ended = new Error('k3d ended');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attempt-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An attempt that fails, in an engine that answers so: what it rejected with, and what happened to its log and its cluster. */
async function failedAttempt(answer: RequestListener, logFile = join(folder, 'one.log')) {
  await using pretend = await pretendEngine(answer);
  const told: string[] = [];
  let undone = 0;
  const options = {
    engine: pretend.engine,
    cluster: 'one',
    logFile,
    timeout: 600_000,
    progress: () => undefined,
    signal: new AbortController().signal,
    logger: pino({}, { write: (line: string) => void told.push(line) }),
    undo: async () => {
      undone += 1;
    },
  };
  const failing = attempt(options, async ({ progress }) => {
    progress('starting Kubernetes');
    throw ended;
  });
  const failure = await failing.catch((error: unknown) => error);
  return { failure, undone, told: told.join('') };
}

const noNodes: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
};

test('an attempt whose log can not be kept is undone, and says why it failed', async () => {
  await writeFile(join(folder, 'no-folder'), '');
  const { failure, undone, told } = await failedAttempt(noNodes, join(folder, 'no-folder', 'one.log'));
  expect(failure).toMatchObject({ code: 'CLUSTER_FAILED', cause: ended });
  expect(String(failure)).toContain('failed while starting Kubernetes');
  expect(undone).toBe(1);
  expect(told).toContain('could not keep the log');
});

test('an attempt whose nodes Docker does not list is undone, and says why it failed', async () => {
  const { failure, undone } = await failedAttempt((_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"busy"}');
  });
  expect(failure).toMatchObject({ code: 'CLUSTER_FAILED', cause: ended });
  expect(undone).toBe(1);
});

test('an attempt that fails as Docker goes is undone, and does not blame the cluster', async () => {
  const { failure, undone } = await failedAttempt((_, response) => void response.destroy());
  expect(failure).toMatchObject({ code: 'DOCKER_UNAVAILABLE', cause: ended });
  expect(undone).toBe(1);
});
