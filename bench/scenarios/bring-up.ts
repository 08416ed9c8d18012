import { noteAnswers } from '../parts/answers.ts';
import { untilAppAnswers } from '../parts/app.ts';
import { BareCluster, type BareClusterOptions, type Flavour } from '../parts/bare-cluster.ts';
import type { OurWorkspace } from '../parts/our-workspace.ts';

/** How often a cluster that takes seconds is looked at; ms. */
const EVERY = 50;

/** Times of clusters that come up, each from the beginning. */
export class BringUp {
  readonly shell: number[] = [];
  readonly api: number[] = [];
  readonly ofUse: number[] = [];
  readonly app: number[] = [];
}

/** From the first `ssh` of somebody new. */
export async function createOurs(ours: OurWorkspace, found: BringUp): Promise<void> {
  const began = performance.now();
  const work = async () => {
    await ours.student.run('true');
    found.shell.push(performance.now() - began);
    await using session = await ours.student.hold();
    await ours.kubectlWorks();
    found.ofUse.push(performance.now() - began);
    await ours.apply();
    await untilAppAnswers(ours.app, EVERY);
    found.app.push(performance.now() - began);
    await session.logOut();
  };
  const watch = async () => {
    await ours.door.untilApiAnswers(EVERY);
    found.api.push(performance.now() - began);
  };
  await Promise.all([work(), watch()]);
}

/** From `k3d cluster create`. */
export async function createBare(
  flavour: Flavour,
  options: BareClusterOptions,
  found: BringUp,
): Promise<void> {
  const began = performance.now();
  const work = async () => {
    const cluster = await BareCluster.create(flavour, options);
    try {
      await cluster.door.untilOfUse();
      found.ofUse.push(performance.now() - began);
      await untilAppAnswers(await cluster.apply(), EVERY);
      found.app.push(performance.now() - began);
    } finally {
      await watching;
      await cluster[Symbol.asyncDispose]();
    }
  };
  const watching = BareCluster.door(flavour)
    .untilApiAnswers(EVERY)
    .then(() => found.api.push(performance.now() - began));
  await Promise.all([work(), watching]);
}

/** From the `ssh` of somebody whose workspace is stopped; the app is there. */
export async function startOurs(ours: OurWorkspace, found: BringUp): Promise<void> {
  const began = performance.now();
  await using terminal = ours.student.terminal();
  const shell = async () => {
    terminal.type('\r');
    await terminal.shows(/\$ $/, 120_000);
    found.shell.push(performance.now() - began);
  };
  await Promise.all([shell(), noteAnswers(ours, found, began, EVERY)]);
}

/** From `k3d cluster start`; the app is there. */
export async function startBare(cluster: BareCluster, found: BringUp): Promise<void> {
  const began = performance.now();
  await Promise.all([cluster.start(), noteAnswers(cluster, found, began, EVERY)]);
}
