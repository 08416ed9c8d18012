import { expect, test } from 'vitest';
import { cycle } from './cycle.ts';

const SEED = Number(process.env.ROUTING_SEED ?? 20_268);
const WORKSPACES = Number(process.env.CYCLE_WORKSPACES ?? 40);
const DURATION = Number(process.env.CYCLE_DURATION ?? 5_000);

test(`${WORKSPACES} plain containers come and go: no request to one that runs fails, and a download goes on, seed ${SEED}`, {
  timeout: 300_000 + DURATION,
}, async () => {
  const signal = AbortSignal.timeout(290_000 + DURATION);
  const { visitors, steps, lines } = await cycle(
    { workspaces: WORKSPACES, duration: DURATION, steps: WORKSPACES / 2, answers: 20, seed: SEED },
    signal,
  );
  const { right, wrong, atAChange } = visitors;
  process.stdout.write(
    `${WORKSPACES} came, took ${steps} steps and went; answers ${JSON.stringify(Object.fromEntries(right))} and ${atAChange.length} at a change; ${lines} lines\n`,
  );
  expect(wrong).toEqual([]);
});
