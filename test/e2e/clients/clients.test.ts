import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT } from '../harness/set-up.ts';
import { ABILITIES } from './abilities.ts';
import type { Client } from './client.ts';
import { clientsPage, type Outcome } from './clients-page.ts';
import { Scene } from './scene.ts';

const PAGE = resolve(PROJECT, 'docs/clients.md');
/** Clients at work at once. */
const LANES = 6;

const attempts = new Map<string, Promise<Outcome>>();
let scene: Scene | undefined;
let clients: readonly Client[] = [];

beforeAll(async () => {
  scene = await Scene.open();
  clients = await scene.clients();
  const jobs: (() => Promise<void>)[] = [];
  for (const ability of ABILITIES) {
    for (const client of clients) {
      const proof = ability.try(client, scene);
      const { promise, resolve: settle, reject } = Promise.withResolvers<Outcome>();
      promise.catch(() => undefined);
      attempts.set(`${ability.title}: ${client.name}`, promise);
      if (proof === undefined) settle('has it not');
      else jobs.push(() => proof().then(() => settle('works'), reject));
    }
  }
  const lane = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
  };
  void Promise.all(Array.from({ length: LANES }, lane));
});

afterAll(async () => {
  await Promise.allSettled(attempts.values());
  await scene?.[Symbol.asyncDispose]();
});

describe('each client that has it', () => {
  test.each(ABILITIES)('$title', async ({ title }) => {
    const failed: string[] = [];
    for (const { name } of clients) {
      const outcome = attempts.get(`${title}: ${name}`);
      await outcome?.catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
    }
    expect(failed).toEqual([]);
  });
});

test('docs/clients.md has the table of what came of it', async () => {
  const outcomeOf = async (title: string, name: string): Promise<Outcome> =>
    (await attempts.get(`${title}: ${name}`)?.catch(() => 'fails' as const)) ?? 'has it not';
  const rows = await Promise.all(
    ABILITIES.map(async ({ title }) => ({
      title,
      outcomes: await Promise.all(clients.map(({ name }) => outcomeOf(title, name))),
    })),
  );
  const page = clientsPage(
    await readFile(PAGE, 'utf8'),
    clients.map(({ name }) => name),
    rows,
  );
  await expect(page).toMatchFileSnapshot(PAGE);
});
