import { EventRecorder } from '../../test/e2e/harness/event-recorder.ts';
import type { SshSession } from '../../test/e2e/harness/ssh-session.ts';
import { untilAppAnswers } from '../parts/app.ts';
import type { OurWorkspace, Pauses } from '../parts/our-workspace.ts';
import { inTurn } from '../parts/timing.ts';
import type { Comparison } from '../report/comparison.ts';
import { type Bench, GRACE, type Scenario } from './bench.ts';

/** What a client that falls silent is given by `ssh.keepalive`: 15 s until it is asked, and three questions; ms. */
const KEEPALIVE = 60_000;

/** From the moment in which the last client is gone until Docker has paused what it had; the grace time is taken off. */
export const lastOneOut: Scenario = { name: 'last one out', table: 'coming-and-going', run: measure };

/** ms */
class PauseTimes {
  readonly container: number[] = [];
  readonly node: number[] = [];

  /** `began`: what is counted from, in the clock of `pauses`. */
  add(pauses: Pauses, began = 0): void {
    this.container.push(pauses.container - began);
    this.node.push(pauses.node - began);
  }
}

/** Has the client go; resolves with the moment, ms since the epoch. */
type Leave = (session: SshSession) => Promise<number>;

const exits: Leave = async (session) => {
  await session.logOut();
  return goneAt(session);
};
const isKilled: Leave = async (session) => {
  await session.kill('SIGKILL');
  return goneAt(session);
};
const fallsSilent: Leave = async (session) => {
  session.signal('SIGSTOP');
  return Date.now();
};

async function measure(bench: Bench): Promise<void> {
  const { ours } = await bench.pair();
  await using recorder = await EventRecorder.start();
  const [exited, killed, silent, plain] = [
    new PauseTimes(),
    new PauseTimes(),
    new PauseTimes(),
    new PauseTimes(),
  ];
  const leaves = (leave: Leave, found: PauseTimes) => () =>
    stay(ours, async (session) => {
      const gone = await leave(session);
      found.add(await ours.pausesSince(recorder, gone, KEEPALIVE + 60_000), gone + GRACE);
    });
  const byHand = () =>
    stay(ours, async (session) => {
      plain.add(await ours.pauseByHand(recorder));
      await session.logOut();
    });
  const { rounds, silent: alsoSilent } = bench.options;
  await inTurn(rounds.quick, [leaves(exits, exited), leaves(isKilled, killed), byHand]);
  if (alsoSilent) await inTurn(rounds.slow, [leaves(fallsSilent, silent)]);
  bench.comingAndGoing.push(
    ...besidePlain('exit', exited, plain),
    ...besidePlain('`kill -9` of the client', killed, plain),
    ...(alsoSilent ? [besideKeepalive(silent)] : []),
  );
}

/** Somebody is there, and all of the workspace is awake. */
async function stay(ours: OurWorkspace, during: (session: SshSession) => Promise<void>): Promise<void> {
  await using session = await ours.student.hold();
  await ours.kubectlWorks();
  await untilAppAnswers(ours.app, 100);
  await during(session);
  await ours.paused();
}

function goneAt({ goneAt }: SshSession): number {
  if (goneAt === undefined) throw new Error('the client is still there');
  return goneAt;
}

function besidePlain(way: string, ours: PauseTimes, plain: PauseTimes): readonly Comparison[] {
  const beside = '`docker pause` of both, until the same';
  return [
    { what: `${way}: until the container is paused`, ours: ours.container, beside, theirs: plain.container },
    { what: `${way}: until the node is paused`, ours: ours.node, beside, theirs: plain.node },
  ];
}

/** No feat of ours, and none of Docker's: what the configuration says. */
function besideKeepalive({ node }: PauseTimes): Comparison {
  return {
    what: 'a client that falls silent: until the node is paused',
    ours: node,
    beside: 'what `ssh.keepalive` gives it',
    theirs: [KEEPALIVE],
  };
}
