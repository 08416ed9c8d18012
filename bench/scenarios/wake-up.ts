import { noteAnswers } from '../parts/answers.ts';
import { untilAppAnswers } from '../parts/app.ts';
import type { BareCluster } from '../parts/bare-cluster.ts';
import type { OurWorkspace } from '../parts/our-workspace.ts';
import type { Pair } from './bench.ts';

/** How often a cluster that takes a tenth of a second is looked at; ms. */
const EVERY = 10;

/** Times of clusters that wake up. */
export class WakeUp {
  /** Until a first command has run in the container. */
  readonly shell: number[] = [];
  readonly api: number[] = [];
  readonly app: number[] = [];
  /**
   * Until the API answers, but from the moment in which the factory has accepted the student's key: before it there is
   * nobody to wake anything for. Empty where there is no login.
   */
  readonly apiSinceLogin: number[] = [];
}

/** From the start of `ssh`. */
export async function wakeOurs(ours: OurWorkspace, found: WakeUp): Promise<void> {
  const before = ours.logins;
  const began = performance.now();
  const login = async () => {
    const session = await ours.student.hold();
    found.shell.push(performance.now() - began);
    return session;
  };
  const api = async () => {
    await ours.door.untilApiAnswers(EVERY);
    const answered = performance.now();
    found.api.push(answered - began);
    found.apiSinceLogin.push(performance.timeOrigin + answered - (await ours.authenticatedAt(before)));
  };
  const app = async () => {
    await untilAppAnswers(ours.app, EVERY);
    found.app.push(performance.now() - began);
  };
  const [session] = await Promise.all([login(), api(), app()]);
  await session.logOut();
}

/** From `docker unpause`. `meanwhile` happens while it is paused, and must have happened before it is woken. */
export async function wakeBare(
  cluster: BareCluster,
  found: WakeUp,
  meanwhile: () => Promise<void>,
): Promise<void> {
  await cluster.unpause();
  await cluster.door.untilApiAnswers(EVERY);
  await cluster.pause();
  await meanwhile();
  const began = performance.now();
  await Promise.all([cluster.unpause(), noteAnswers(cluster, found, began, EVERY)]);
  await cluster.pause();
}

/** From `docker unpause` of a container and a cluster in the same moment, as a login does with ours. They stay awake. */
export async function wakeBareBoth(
  { container, cluster }: Pick<Pair, 'container' | 'cluster'>,
  found: WakeUp,
): Promise<void> {
  const began = performance.now();
  const shell = async () => {
    await container.unpause();
    await container.exec('true');
    found.shell.push(performance.now() - began);
  };
  await Promise.all([shell(), cluster.unpause(), noteAnswers(cluster, found, began, EVERY)]);
}
