import { afterAll, beforeAll, describe, test } from 'vitest';
import { titleOf } from './attempt.ts';
import { HOST_ATTEMPTS } from './attempts/host.ts';
import { KERNEL } from './attempts/kernel.ts';
import { NEIGHBOUR } from './attempts/neighbour.ts';
import { PROCESSES } from './attempts/processes.ts';
import { openScene, type Scene } from './scene.ts';
import { Tally } from './tally.ts';
import { tryAttempt } from './try-attempt.ts';

const tally = new Tally();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  process.stdout.write(`\n${tally.summary}\n`);
  await scene?.[Symbol.asyncDispose]();
});

describe.concurrent.each([
  ['the neighbour', NEIGHBOUR],
  ['the host', HOST_ATTEMPTS],
  ['processes', PROCESSES],
  ['the kernel', KERNEL],
])('%s', (_, attempts) => {
  test.concurrent.each(attempts.map((attempt) => ({ title: titleOf(attempt), attempt })))(
    '$title',
    ({ attempt }) => tryAttempt(attempt, scene, tally),
  );
});
