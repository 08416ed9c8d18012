import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../e2e/harness/certificate.ts';
import { PROJECT } from '../e2e/harness/set-up.ts';
import { workspace } from '../fresh-names.ts';
import { type EdgeUnderTest, startEdge } from './edge-under-test.ts';
import type { RecordingBackend } from './recording-backend.ts';
import { recordingBackends } from './recording-backends.ts';
import type { Stage, Trick } from './trick.ts';
import { outcomeOf, type TrickOutcome } from './trick-outcome.ts';
import { trickPage } from './trick-page.ts';
import { TRICK_TABLES } from './trick-tables.ts';

const PAGE = resolve(PROJECT, 'docs/routing-tricks.md');
const signal = AbortSignal.timeout(300_000);
const outcomes = new Map<Trick, Promise<TrickOutcome>>();
let folder: string;
let edge: EdgeUnderTest | undefined;
let backends: readonly RecordingBackend[] = [];

// Each trick has an alice and a bob of its own, so that all can be played at once: most of their time is waiting.
beforeAll(async () => {
  const tricks = TRICK_TABLES.flatMap((table) => table.tricks);
  folder = await mkdtemp(join(tmpdir(), 'tricks-'));
  const certificate = await makeCertificate(folder, ['tricks.test']);
  edge = await startEdge((key) => `${key.user}.lab.test`, signal);
  backends = await recordingBackends(2 * tricks.length);
  const stages = await Promise.all(tricks.map((_, index) => stageOf(index, edge, certificate)));
  stages.forEach((stage, index) => {
    const trick = tricks[index];
    if (trick === undefined) return;
    const outcome = outcomeOf(trick, stage);
    outcome.catch(() => undefined);
    outcomes.set(trick, outcome);
  });
}, 180_000);

afterAll(async () => {
  await edge?.close();
  await Promise.all(backends.map((backend) => backend.close()));
  await rm(folder, { recursive: true, force: true });
});

describe.each(TRICK_TABLES)('$title', { timeout: 180_000 }, ({ tricks }) => {
  test.each(tricks)('$sends: $answers', async (trick) => {
    const outcome = await outcomes.get(trick);
    expect(outcome).toEqual({ answers: trick.answers, wrong: [] });
  });
});

test('docs/routing-tricks.md has these tables', async () => {
  await expect(trickPage(await readFile(PAGE, 'utf8'), TRICK_TABLES)).toMatchFileSnapshot(PAGE);
});

async function stageOf(
  index: number,
  at: EdgeUnderTest | undefined,
  certificate: Certificate,
): Promise<Stage> {
  if (at === undefined) throw new Error('no edge');
  const place = async (user: string, backend: RecordingBackend | undefined) => {
    if (backend === undefined) throw new Error('too few backends');
    const { address } = backend;
    const addresses = { ingress: address, api: { host: address, port: 443 } };
    await at.routes.set(workspace(user, 'k3s'), { kind: 'awake', addresses }, signal);
    return { host: `${user}.lab.test`, backend };
  };
  const [alice, bob] = await Promise.all([
    place(`alice${index}`, backends[2 * index]),
    place(`bob${index}`, backends[2 * index + 1]),
  ]);
  return { alice, bob, ports: at.ports, certificate };
}
