import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openMaster } from './editor/master.ts';
import { Scene } from './editor/scene.ts';
import { THIS_HOST } from './editor/seat.ts';
import { CONVERSATIONS, type EditorWindow } from './editor/window.ts';
import { eventually } from './harness/eventually.ts';
import { clusterOfUse } from './harness/kubectl.ts';

/*
 * What VS Code Remote-SSH and JetBrains Gateway do to a lab. docs/editors.md says how; test/soak/editor.test.ts has the line gone for
 * two minutes.
 */
/** ms */
const GRACE = 6_000;
/** Of `ssh.keepalive`: whoever is silent is given up after 20 s. A busy machine is silent for some seconds. */
const KEEPALIVE = { interval: '5s', count: 3 };
const SILENCE = 20_000;
/** What an editor's user is advised to set, in small: their `ssh` gives up after 24 s. */
const ALIVE = ['-o', 'ServerAliveInterval=6', '-o', 'ServerAliveCountMax=3'];

/** For both ends to have seen all, on a busy machine; ms. */
const SETTLES = 90_000;

const stack = new AsyncDisposableStack();
let scene: Scene;
let onLaptop: EditorWindow;
let windows: readonly EditorWindow[];

beforeAll(async () => {
  scene = await Scene.open(stack, { grace: GRACE, keepalive: KEEPALIVE });
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => scene.factory.showLogOnFailure(context));

/** The server's processes, by the host's ids. */
async function servers(): Promise<readonly number[]> {
  return [...(await scene.processes())].flatMap(([pid, args]) =>
    args.startsWith('./node server/main.ts') ? pid : [],
  );
}

/** All windows work for a while. */
async function work(some: readonly EditorWindow[], duration: number): Promise<void> {
  const signal = AbortSignal.timeout(duration);
  await Promise.all(some.map((window) => window.work(signal)));
}

test('the first window puts its server into the home while the cluster is made, and hears nothing but its script', async () => {
  onLaptop = await scene.window(scene.seat, { shellEnds: true, args: ALIVE });
  onLaptop.expectNothingButTheScript();
  expect(await servers()).toHaveLength(1);
});

test('three windows at two machines use the one server: 24 WebSockets at once, every byte the same at both ends', async () => {
  const more = await Promise.all([scene.window(THIS_HOST), scene.window(THIS_HOST)]);
  windows = [onLaptop, ...more];
  for (const window of more) {
    window.expectNothingButTheScript();
    expect(window.server).toEqual(onLaptop.server);
  }
  expect(await onLaptop.state()).toMatchObject({ connections: 3 * CONVERSATIONS });
  await work(windows, 1_000);
  await Promise.all(windows.map((window) => window.settles(SETTLES)));
  await clusterOfUse(scene.alice);
});

test('packets that vanish for a moment cost nothing', async () => {
  await Promise.all([work(windows, 2_500), scene.dropLineFor(2_000)]);
  await Promise.all(windows.map((window) => window.settles(SETTLES)));
  expect(onLaptop.reconnects).toBe(0);
});

test('a window whose line is gone for longer than anybody waits goes on where it was, and the others notice nothing', async () => {
  const began = Date.now();
  const [, other] = windows;
  const running = await servers();
  const done = new AbortController();
  const working = Promise.all(windows.map((window) => window.work(done.signal)));
  await scene.dropLine();
  await onLaptop.losesLine(SETTLES);
  // The gateway has given up as well: the container's end of the forwards is closed.
  await eventually(async () => (await other?.state())?.connections === 2 * CONVERSATIONS, {
    what: 'the server has lost the laptop',
    within: SILENCE + SETTLES,
  });
  await scene.mendLine();
  await onLaptop.reconnected(1, SETTLES);
  done.abort();
  await working;
  await Promise.all(windows.map((window) => window.settles(SETTLES)));
  expect(onLaptop.replayed).toBeGreaterThan(0);
  expect(windows.map(({ reconnects }) => reconnects)).toEqual([1, 0, 0]);
  expect(await servers()).toEqual(running);
  await scene.lights.stayOn(began);
});

test('the cluster stays for one idle window that has nothing but forwards, when the others are closed or killed', async () => {
  const began = Date.now();
  const [, closed, killed] = windows;
  await Promise.all([closed?.close(), killed?.kill()]);
  await eventually(async () => (await onLaptop.state()).connections === CONVERSATIONS, {
    what: 'the server has lost both',
    within: SETTLES,
  });
  await scene.lights.stayOn(began, GRACE + SILENCE);
  await onLaptop.settles(SETTLES);
});

test('a laptop whose lid is closed: its server sleeps with the cluster, and both serve it when it is opened', async () => {
  const running = await servers();
  await scene.lights.goOut(() => scene.dropLine(), SILENCE);
  // What is left in the container is asleep: the server, and nothing of the connections.
  expect(await servers()).toEqual(running);
  expect([...(await scene.processes()).values()].filter((args) => /sshd|^sh\b/.test(args))).toEqual([]);

  const { server } = onLaptop;
  for (const conversation of onLaptop.conversations) conversation.say(1_000);
  await scene.mendLine();
  await onLaptop.reconnected(2, SETTLES);
  await onLaptop.settles(SETTLES);
  expect(onLaptop.server).toEqual(server);
  expect(await servers()).toEqual(running);
  await clusterOfUse(scene.alice, SETTLES);
});

test('three windows on one connection (ControlMaster), which is killed', async () => {
  const running = await servers();
  const { session, args } = await openMaster(scene.alice, stack);
  const shared = await Promise.all([1, 2, 3].map(() => scene.window(THIS_HOST, { args })));
  await onLaptop.close();
  await work(shared, 1_000);
  await Promise.all(shared.map((window) => window.settles(SETTLES)));
  await scene.lights.goOut(async () => {
    await session.kill();
    await Promise.all(shared.map((window) => window.kill()));
  });
  expect(await servers()).toEqual(running);
});

test("JetBrains: commands, a file and -L to the server's port and socket on one connection, in a lab whose shell prints a greeting; closed by its user", async () => {
  const running = await servers();
  const { session, args } = await openMaster(scene.alice, stack);
  const run = (command: string, input?: Buffer) =>
    scene.alice.run(command, { args, ...(input && { input }) });
  const file = randomBytes(1_000_000);
  const [, sum] = await Promise.all([
    run('uname -sm'),
    run('sha256sum', file),
    run("echo 'echo welcome to the lab' | cat - .bashrc >.new && mv .new .bashrc"),
  ]);
  expect(sum).toContain(createHash('sha256').update(file).digest('hex'));

  const forwards = ['port', 'socket', 'socket to socket'] as const;
  const opened = await Promise.all(forwards.map((forward) => scene.window(THIS_HOST, { args, forward })));
  for (const window of opened) window.expectNothingButTheScript('welcome to the lab\n');
  await work(opened, 1_000);
  await Promise.all(opened.map((window) => window.settles(SETTLES)));
  await scene.lights.goOut(async () => {
    await Promise.all(opened.map((window) => window.close()));
    await scene.alice.exec('', { args: [...args, '-O', 'exit'] });
    await session.ended();
  });
  expect(await servers()).toEqual(running);
});
