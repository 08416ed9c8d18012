// @ts-check
import { join } from 'node:path';
import { createBuildProgress } from './build-progress.mjs';
import { roughDuration } from './duration.mjs';
import { ROOT } from './paths.mjs';
import { createPrograms } from './programs.mjs';
import { buildPieces, missingParts } from './testbed.mjs';

const TRIES = 3;
const BETWEEN_TRIES = 15_000;
const NOTE_EVERY = 5_000;

/**
 * Brings the image of cluster nodes and waits for it.
 * @param {import('./images.mjs').Context} context
 * @param {import('./images.mjs').ImagePlan} plan
 */
export async function ensureNodeImage(context, plan) {
  const { steps, programs } = context;
  if (plan.source === 'registry' && plan.present.has(plan.node)) return;
  await steps.run('Image of cluster nodes', async (step) => {
    if (plan.source === 'built') await buildPieces(context, step, ['images']);
    else await programs.run('docker', ['pull', plan.node], { timeout: 1_200_000, onLine: step.note });
  });
}

/**
 * Builds the image of cluster nodes beside the factory and keeps its entry in setup.json true. The build ends with
 * `end()`; what was compiled until then is kept, and the next start goes on from there.
 * @param {{ steps: import('./steps.mjs').Steps, programs: import('./programs.mjs').Programs }} context
 * @param {import('./images.mjs').ImagePlan} plan
 * @param {ReturnType<typeof import('./setup-file.mjs').createSetupFile>} file
 */
export function buildNodeImage({ steps, programs: foreground }, plan, file) {
  // Its own, so that it is not ended with what runs in the foreground.
  const programs = createPrograms(foreground.env);
  const missing = !plan.present.has(plan.node);
  const goOn = 'npm start or ./factory setup goes on where it stopped';
  const ended = new AbortController();
  let finished = false;
  const state = (/** @type {'building' | 'failed'} */ kind, /** @type {string} */ note) =>
    missing ? file.arrives(plan.node, { state: kind, note }) : Promise.resolve();

  async function tryOnce() {
    const progress = createBuildProgress(await missingParts({ programs }, ['images']));
    const show = () => {
      void state(
        'building',
        `building Kubernetes from source, ${roughDuration(progress.msLeft(Date.now()))} left`,
      );
    };
    show();
    const timer = setInterval(show, NOTE_EVERY);
    try {
      // Politely: students who are already in their labs come first.
      return await programs.attempt('nice', ['-n', '10', join(ROOT, 'testbed/up'), 'images'], {
        onLine: (line) => progress.line(line, Date.now()),
      });
    } finally {
      clearInterval(timer);
    }
  }

  async function build() {
    const started = Date.now();
    for (let count = 1; count <= TRIES && !ended.signal.aborted; count++) {
      const result = await tryOnce();
      if (ended.signal.aborted) break;
      if (result.code === 0) {
        finished = true;
        await file.arrived(plan.node);
        if (missing)
          steps.say(`clusters can start: ${plan.node} was built in ${roughDuration(Date.now() - started)}`);
        return;
      }
      const reason = result.tail.split('\n').at(-1) ?? `code ${result.code}`;
      steps.say(`the image of cluster nodes could not be built (try ${count} of ${TRIES}):\n${result.tail}`);
      if (count < TRIES) {
        await state('building', 'building Kubernetes from source failed, trying again');
        await pause(BETWEEN_TRIES, ended.signal);
      } else {
        finished = true;
        await state('failed', `building Kubernetes failed: ${reason}; ${goOn}`);
      }
    }
  }

  const done = build().catch((error) => steps.say(`the build of the cluster image stopped: ${error}`));
  return {
    done,
    async end() {
      ended.abort();
      programs.endAll('SIGTERM');
      const late = setTimeout(() => programs.endAll('SIGKILL'), 3_000);
      await done;
      clearTimeout(late);
      // For a factory that somebody starts without set-up: nothing arrives any more.
      if (!finished) await state('failed', `the build was ended together with the factory; ${goOn}`);
    },
  };
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal ends it early
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((settle) => {
    const timer = setTimeout(settle, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      settle();
    });
  });
}
