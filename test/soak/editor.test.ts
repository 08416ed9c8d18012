import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Scene } from '../e2e/editor/scene.ts';
import { THIS_HOST } from '../e2e/editor/seat.ts';
import type { EditorWindow } from '../e2e/editor/window.ts';

/** test/e2e/editor.test.ts with the default keepalive, and the line gone for as long as a train is in a tunnel. */
const GRACE = 3_000;
/** Of the default `ssh.keepalive`: whoever is silent is given up after a minute. */
const SILENCE = 60_000;
const [BRIEF, LONG] = [30_000, 120_000];
/** What docs/editors.md advises. */
const ALIVE = ['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'];
/** For an editor to be back, and for both ends to have seen all; ms. */
const BACK = 60_000;

const stack = new AsyncDisposableStack();
let scene: Scene;
let onLaptop: EditorWindow;
let windows: readonly EditorWindow[];

beforeAll(async () => {
  scene = await Scene.open(stack, { grace: GRACE });
  onLaptop = await scene.window(scene.seat, { shellEnds: true, args: ALIVE });
  windows = [onLaptop, await scene.window(THIS_HOST), await scene.window(THIS_HOST)];
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => scene.factory.showLogOnFailure(context));

/** All windows that are open work while the laptop's line is gone for so long. */
async function withoutLine(some: readonly EditorWindow[], duration: number): Promise<void> {
  const done = new AbortController();
  const working = Promise.all(some.map((window) => window.work(done.signal)));
  await scene.dropLine();
  await delay(duration);
  await scene.mendLine();
  done.abort();
  await working;
}

/** What came of it, for whoever reads the run. */
async function report(what: string, mendedAt: number): Promise<void> {
  const { connections, sessions } = await onLaptop.state();
  const bytes = windows
    .flatMap(({ conversations }) => conversations)
    .reduce((sum, { received }) => sum + received, 0);
  process.stdout.write(
    `${what}: all bytes compared ${Date.now() - mendedAt} ms after the line was back; reconnects ${onLaptop.reconnects}, ` +
      `messages sent again ${onLaptop.replayed}, WebSockets ${connections}, conversations ${sessions}, ${bytes} bytes came\n`,
  );
}

test('half a minute without a line: no connection ends', async () => {
  const began = Date.now();
  await withoutLine(windows, BRIEF);
  const mended = Date.now();
  await Promise.all(windows.map((window) => window.settles(BACK)));
  expect(windows.map(({ reconnects }) => reconnects)).toEqual([0, 0, 0]);
  await scene.lights.stayOn(began);
  await report('30 s', mended);
});

test('two minutes without a line, with two windows elsewhere: the cluster stays, the window goes on where it was', async () => {
  const began = Date.now();
  await withoutLine(windows, LONG);
  const mended = Date.now();
  await onLaptop.reconnected(1, BACK);
  await Promise.all(windows.map((window) => window.settles(BACK)));
  expect(windows.map(({ reconnects }) => reconnects)).toEqual([1, 0, 0]);
  await scene.lights.stayOn(began);
  await report('two minutes, others there', mended);
});

test('two minutes without the only line: all sleeps meanwhile, and the window goes on where it was', async () => {
  const { server } = onLaptop;
  for (const window of windows) if (window !== onLaptop) await window.close();
  windows = [onLaptop];
  const away = withoutLine(windows, LONG);
  const late = await scene.lights.goOut(() => {}, SILENCE);
  await away;
  const mended = Date.now();
  await onLaptop.reconnected(2, BACK);
  await onLaptop.settles(BACK);
  expect(onLaptop.server).toEqual(server);
  await report(`two minutes, nobody else; asleep ${Math.round(late)} ms after grace time`, mended);
});
