import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Factory } from '../../test/e2e/harness/factory.ts';
import { LAB_IMAGE } from '../../test/e2e/harness/set-up.ts';
import type { Student } from '../../test/e2e/harness/student.ts';
import { percentile } from '../parts/percentile.ts';
import { download, prepareTransfers, sftpGet, sftpPut, type Transfer, upload } from '../parts/ssh-bulk.ts';
import { SshEcho } from '../parts/ssh-echo.ts';
import { SshFloods } from '../parts/ssh-flood.ts';
import { BareBridge, PlainSshd } from '../parts/ssh-neighbours.ts';
import { SshWay } from '../parts/ssh-way.ts';
import { inTurn, timed } from '../parts/timing.ts';
import type { SshComparison, SshGoal } from '../report/ssh.ts';
import type { Bench, Scenario } from './bench.ts';

/** SSH through the factory, to a plain sshd in the same image, and through the least that can be put between SSH and Docker. */
export const besideSshd: Scenario = { name: 'beside sshd', table: 'beside-sshd', run: measure };

const FLOODS = 3;
const RATE: SshGoal = { kind: 'share', ofSshd: 0.6, ofBridge: 0.9 };
/** ms at the 99th percentile. */
const ADDED_BY_FLOODS = 20;

/** All three containers have as much of the machine. */
const LIMITS = { memory: '512Mi', cpus: cpus().length, pids: 300 };
const DOCKER_LIMITS = ['--memory', '512m', '--cpus', String(LIMITS.cpus), '--pids-limit', '300'];

interface Ways {
  readonly ours: SshWay;
  readonly sshd: SshWay;
  readonly bridge: SshWay;
}

async function measure({ options, ssh }: Bench): Promise<void> {
  await using made = new AsyncDisposableStack();
  const folder = join(options.folder, 'ssh');
  await mkdir(folder);
  const neighbour = { folder, limits: DOCKER_LIMITS };
  const container = { image: LAB_IMAGE, user: 'lab', limits: LIMITS };
  const lab = { description: 'as large as the machine', container };
  const factory = made.use(await Factory.start({ labs: { plain: lab } }));
  const opened = async (student: Student) => made.use(await SshWay.open(student));
  const ways: Ways = {
    ours: await opened(await factory.student('alice')),
    sshd: await opened(made.use(await PlainSshd.run(neighbour)).student),
    bridge: await opened(made.use(await BareBridge.run(neighbour)).student),
  };
  const another = await opened(await factory.student('bob'));
  const { rounds, mebibytes, keys } = { rounds: options.rounds.quick, ...options.ssh };
  options.say('beside sshd: logins');
  ssh.push(...(await logins(ways, rounds)));
  options.say('beside sshd: a terminal');
  ssh.push(...(await terminals(ways, another.student, rounds, keys)));
  options.say('beside sshd: transfers');
  ssh.push(...(await transfers(ways, rounds, mebibytes)));
}

/** Does `turn` by each way in turn, in every round. It adds what it finds to the way's series of figures. */
async function byEach<Series>(
  ways: Ways,
  rounds: number,
  series: () => Series,
  turn: (way: SshWay, found: Series) => Promise<void>,
): Promise<Record<keyof Ways, Series>> {
  const found = { ours: series(), sshd: series(), bridge: series() };
  await inTurn(rounds, [
    () => turn(ways.ours, found.ours),
    () => turn(ways.sshd, found.sshd),
    () => turn(ways.bridge, found.bridge),
  ]);
  return found;
}

const samples = (): number[] => [];

async function logins(ways: Ways, rounds: number): Promise<readonly SshComparison[]> {
  const each = (action: (way: SshWay) => Promise<unknown>) =>
    byEach(ways, rounds * 2, samples, (way, found) => timed(found, () => action(way)));
  return [
    { what: '`ssh host true`', unit: 'ms', ...(await each(({ student }) => student.run('true'))) },
    {
      what: '`ssh host true`, a channel of a connection that is there',
      unit: 'ms',
      ...(await each(({ student, overMaster }) => student.run('true', overMaster))),
    },
    { what: 'to the prompt', unit: 'ms', ...(await each(({ student }) => prompt(student))) },
  ];
}

async function prompt(student: Student): Promise<void> {
  await using terminal = student.terminal();
  await terminal.shows(/\$ $/, 60_000);
}

interface EchoTimes {
  readonly p50: number[];
  readonly p99: number[];
}

const echoTimes = (): EchoTimes => ({ p50: [], p99: [] });

async function terminals(
  ways: Ways,
  another: Student,
  rounds: number,
  keys: number,
): Promise<readonly SshComparison[]> {
  const echo = async (student: Student, { p50, p99 }: EchoTimes): Promise<void> => {
    await using terminal = await SshEcho.open(student);
    const times = await terminal.times(keys);
    p50.push(percentile(times, 0.5));
    p99.push(percentile(times, 0.99));
  };
  const flooded = async (student: Student, floods: Student, found: EchoTimes): Promise<void> => {
    await using _ = await SshFloods.start(floods, FLOODS);
    await echo(student, found);
  };
  const alone = await byEach(ways, rounds, echoTimes, ({ student }, found) => echo(student, found));
  const beside = await byEach(ways, rounds, echoTimes, ({ student }, found) =>
    flooded(student, student, found),
  );
  const others = echoTimes();
  await inTurn(rounds, [() => flooded(ways.ours.student, another, others)]);
  const goal: SshGoal = { kind: 'added', alone: alone.ours.p99, most: ADDED_BY_FLOODS };
  const of = (what: string, { ours, sshd, bridge }: typeof alone): [SshComparison, SshComparison] => [
    { what: `${what}, p50`, unit: 'ms', ours: ours.p50, sshd: sshd.p50, bridge: bridge.p50 },
    { what: `${what}, p99`, unit: 'ms', ours: ours.p99, sshd: sshd.p99, bridge: bridge.p99 },
  ];
  const none = echoTimes();
  const [p50, p99] = of(`a key beside ${FLOODS} floods`, beside);
  const [otherP50, otherP99] = of('a key beside those of another user', {
    ours: others,
    sshd: none,
    bridge: none,
  });
  return [...of('a key, until it is shown', alone), p50, { ...p99, goal }, otherP50, { ...otherP99, goal }];
}

async function transfers(ways: Ways, rounds: number, mebibytes: number): Promise<readonly SshComparison[]> {
  for (const way of [ways.ours, ways.sshd, ways.bridge]) await prepareTransfers(way, mebibytes);
  const of = async (what: string, transfer: Transfer): Promise<SshComparison> => ({
    what: `${what} of ${mebibytes} MiB`,
    unit: 'MiB/s',
    ...(await byEach(
      ways,
      rounds,
      samples,
      async (way, found) => void found.push(await transfer(way, mebibytes)),
    )),
    goal: RATE,
  });
  return [
    await of('a download', download),
    await of('an upload', upload),
    await of('`sftp get`', sftpGet),
    await of('`sftp put`', sftpPut),
  ];
}
