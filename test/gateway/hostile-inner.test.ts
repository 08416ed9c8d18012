import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './gateway-under-test.ts';
import { ATTACKS } from './hostile/attacks.ts';
import { Battlefield, type Outcome } from './hostile/battlefield.ts';

/** What the gateway may hold for one connection; bytes. Answers that nobody reads were 44 MB. */
const MOST_HELD = 64 * 2 ** 20;

/** What one may make it grow by, with its garbage, of which there is the more the less the machine lets it collect; bytes. */
const MOST_GROWTH = 450 * 2 ** 20;

/** The longest in which the gateway may serve nobody else; ms of its processor time, which other work of the machine does not make longer. */
const LONGEST_TURN = 1_000;

/** An echo may take that long beside a hostile server; ms. */
const SOON = 10_000;

/** Or so many times what it takes beside an honest one that sends as much as it can: on a machine that is slow or has other work. */
const TIMES_HONEST = 20;

let field: Battlefield;
/** ms. */
let longestEcho: number;
const worst = {
  echo: { ms: 0, by: '' },
  turn: { ms: 0, by: '' },
  held: { bytes: 0, by: '' },
  growth: { bytes: 0, by: '' },
};
beforeAll(async () => {
  field = await Battlefield.start();
  const { slowestEcho } = await field.honest('head -c 100000000 /dev/zero');
  longestEcho = Math.max(SOON, TIMES_HONEST * slowestEcho);
});
afterAll(async () => {
  await field[Symbol.asyncDispose]();
  const held = `${Math.round(worst.held.bytes / 1e6)} MB (${worst.held.by})`;
  const growth = `${Math.round(worst.growth.bytes / 1e6)} MB (${worst.growth.by})`;
  const echo = `${worst.echo.ms} ms (${worst.echo.by})`;
  const turn = `${Math.round(worst.turn.ms)} ms (${worst.turn.by})`;
  process.stdout.write(
    `hostile servers: slowest echo ${echo}, longest turn ${turn}, most held ${held}, most memory ${growth}\n`,
  );
});

test.each(Object.entries(ATTACKS))('a server that %s hurts nobody but its own', async (name, { ends }) => {
  const outcome = await field.attack(name);
  keepWorst(name, outcome);
  const { exitCode, stderr, report } = outcome;
  expect(report.uncaught).toEqual([]);
  expect({ exitCode, stderr: stderr.slice(-500) }).toEqual(
    typeof ends === 'number'
      ? { exitCode: ends, stderr: '' }
      : { exitCode: 254, stderr: expect.stringMatching(ends) },
  );
  expect(stderr).toMatch(/^[\x20-\x7e\n]*$/);
  expect(outcome.echoes).toBeGreaterThan(0);
  expect(outcome.slowestEcho).toBeLessThan(longestEcho);
  expect(report.longestTurn).toBeLessThan(LONGEST_TURN);
  expect(report.held).toBeLessThan(MOST_HELD);
  expect(report.grown).toBeLessThan(MOST_GROWTH);
});

test('after all of them the gateway serves honest containers, and nothing is left', async () => {
  // An honest one, too, gets only 4 s here to be ready.
  const served = { stdout: 'in\n', stderr: '', exitCode: 0 };
  await expect.poll(() => field.honest('echo in'), { timeout: 90_000 }).toMatchObject(served);
  // The bystander's.
  await until(async () => (await field.report()).holders === 1);
  expect(await field.report()).toMatchObject({ holders: 1, channels: 1, uncaught: [] });
});

function keepWorst(name: string, { slowestEcho, report }: Outcome): void {
  if (slowestEcho > worst.echo.ms) worst.echo = { ms: slowestEcho, by: name };
  if (report.longestTurn > worst.turn.ms) worst.turn = { ms: report.longestTurn, by: name };
  if (report.held > worst.held.bytes) worst.held = { bytes: report.held, by: name };
  if (report.grown > worst.growth.bytes) worst.growth = { bytes: report.grown, by: name };
}
