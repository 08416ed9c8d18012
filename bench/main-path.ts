import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../test/e2e/harness/docker.ts';
import { Factory } from '../test/e2e/harness/factory.ts';
import { findSetUp } from '../test/e2e/harness/set-up.ts';
import type { Student } from '../test/e2e/harness/student.ts';
import { Workspace } from '../test/e2e/harness/workspace.ts';
import { BareCluster, BareContainer } from './bare-parts.ts';
import { residentMemory } from './resident-memory.ts';
import { type Comparison, printTable, type Sample, timed } from './table.ts';

/**
 * Times the main path, and beside it in the same run what Docker and k3d take for the same without us. Usage:
 * `node bench/main-path.ts [--rounds N] [--json FILE]`, after `npm run build` and a set-up.
 */
const rounds = numberOption('--rounds', 5);
const jsonFile = textOption('--json');
const API = 'until kubectl get --raw=/readyz >/dev/null 2>&1; do sleep 0.02; done';
const SESSIONS = 20;

const folder = await mkdtemp(join(tmpdir(), 'factory-bench-'));
const setUp = await findSetUp();
await using factory = await Factory.start({ grace: '1s' });
const rows: Comparison[] = [];
const add = (what: string, ours: Sample[], beside: string, theirs: Sample[]) =>
  rows.push({ what, ours, beside, theirs });

try {
  const idle = await residentMemory(factory);
  await measureNew();
  await measureRunningAndSuspended();
  const loaded = await measureSessions();
  const machine = `${cpus().length} cores, Linux ${release()}, Docker ${(await docker(['version', '--format', '{{.Server.Version}}'])).trim()}`;
  process.stdout.write(`${printTable(rows)}\n\n${machine}; ${rounds} rounds, medians\n`);
  process.stdout.write(
    `memory of the factory: ${idle} MiB with 0 sessions, ${loaded} MiB with ${SESSIONS}\n`,
  );
  if (jsonFile !== undefined)
    await writeFile(jsonFile, JSON.stringify({ machine, rounds, rows, idle, loaded }, null, 2));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A new workspace costs a cluster, so two rounds are all. */
async function measureNew(): Promise<void> {
  const shell: Sample[] = [];
  const bareShell: Sample[] = [];
  const prompt: Sample[] = [];
  const cluster: Sample[] = [];
  const bareCluster: Sample[] = [];
  for (const name of ['new1', 'new2']) {
    const student = await factory.student(name);
    const began = performance.now();
    shell.push(await timed(() => student.run('true')));
    await student.run(API, { timeout: 180_000 });
    cluster.push(performance.now() - began);
    await new Workspace(factory, name).becomes('paused', 60_000);

    const visitor = await factory.student(`${name}b`);
    prompt.push(await timed(() => promptOf(visitor)));
    await visitor.run(API, { timeout: 180_000 });
    await new Workspace(factory, `${name}b`).becomes('paused', 60_000);

    const beganBare = performance.now();
    await using bare = await BareContainer.run();
    await bare.exec('true');
    bareShell.push(performance.now() - beganBare);

    const beganCluster = performance.now();
    await using bareOne = await BareCluster.create(setUp, folder);
    await bareOne.untilIngressAnswers();
    bareCluster.push(performance.now() - beganCluster);
  }
  add('new: ssh host true', shell, 'docker run, docker exec true', bareShell);
  add('new: to the first prompt (Enter pressed)', prompt, 'docker run, docker exec true', bareShell);
  add('new: until kubectl works', cluster, 'k3d cluster create until ingress answers', bareCluster);
}

async function measureRunningAndSuspended(): Promise<void> {
  const student = await factory.student('new1');
  const workspace = new Workspace(factory, 'new1');
  await using bare = await BareContainer.run();
  await using cluster = await BareCluster.create(setUp, folder);
  await cluster.untilIngressAnswers();

  const running: Sample[] = [];
  const prompts: Sample[] = [];
  const bareExec: Sample[] = [];
  {
    await using _held = await student.hold();
    for (let round = 0; round < rounds * 2; round++) {
      running.push(await timed(() => student.run('true')));
      bareExec.push(await timed(() => bare.exec('true')));
      prompts.push(await timed(() => promptOf(student)));
    }
  }
  add('running: ssh host true', running, 'docker exec true', bareExec);
  add('running: to the prompt', prompts, 'docker exec true', bareExec);

  const woken: Sample[] = [];
  const wokenPrompt: Sample[] = [];
  const wokenApi: Sample[] = [];
  const bareWoken: Sample[] = [];
  const bareApi: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    await workspace.becomes('paused', 60_000);
    woken.push(await timed(() => student.run('true')));
    await bare.pause();
    bareWoken.push(await timed(() => bare.unpauseAndExec('true')));

    await workspace.becomes('paused', 60_000);
    wokenPrompt.push(await timed(() => promptOf(student)));

    await workspace.becomes('paused', 60_000);
    wokenApi.push(await timed(() => student.run(API)));
    await cluster.pause();
    bareApi.push(await timed(() => cluster.unpauseUntilApiAnswers()));
  }
  add('suspended: ssh host true', woken, 'docker unpause, docker exec true', bareWoken);
  add('suspended: to the prompt', wokenPrompt, 'docker unpause, docker exec true', bareWoken);
  add('suspended: until kubectl works', wokenApi, 'docker unpause until kubectl works', bareApi);
}

/** MiB with the sessions held. */
async function measureSessions(): Promise<number> {
  const student = await factory.student('new1');
  const held = await Promise.all(Array.from({ length: SESSIONS }, () => student.hold()));
  const memory = await residentMemory(factory);
  for (const session of held) await session[Symbol.asyncDispose]();
  return memory;
}

/** Resolves when a login at a terminal shows its prompt. */
async function promptOf(student: Student): Promise<void> {
  await using terminal = student.terminal();
  terminal.type('\r');
  await terminal.shows(/\$ $/, 120_000);
}

function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

function numberOption(name: string, otherwise: number): number {
  const text = textOption(name);
  return text === undefined ? otherwise : Number(text);
}
