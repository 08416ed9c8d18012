import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import type { Clock } from '../time/clock.ts';
import type { Phase, WorkspaceAction } from '../workspaces/workspace-access.ts';
import { clusterDelaysPrompt } from './cluster-wait.ts';
import { statusLine } from './status-line.ts';
import { waitForWorkspace } from './waiting-screen.ts';

const READY: Phase = { kind: 'ready' };
const working = (action: WorkspaceAction, step = ''): Phase => ({
  kind: 'working',
  action,
  step,
  since: 0,
  overdueAt: 180_000,
});

/** Time that the test moves. */
class TestClock implements Clock {
  #now = 0;
  #due: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(delay: number, callback: () => void): Disposable {
    const entry = { at: this.#now + delay, callback };
    this.#due.push(entry);
    return {
      [Symbol.dispose]: () => {
        this.#due = this.#due.filter((each) => each !== entry);
      },
    };
  }

  async pass(time: number): Promise<void> {
    const end = this.#now + time;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
    await new Promise(setImmediate);
  }

  get pending(): number {
    return this.#due.length;
  }
}

let clock: TestClock;
let input: PassThrough;
let written: string;
let noted: number;
let result: Buffer | undefined;
let phases: { container: Phase; cluster: Phase };
let changed: (() => void) | undefined;
const shell = { possible: Promise.withResolvers<void>() };

function show(text: string): void {
  written += text;
}

function forget(): void {
  changed = undefined;
}

function begin(container: Phase, cluster: Phase, signal = new AbortController().signal): void {
  phases = { container, cluster };
  void waitForWorkspace({
    terminal: { input, write: show, columns: () => 80 },
    lease: {
      containerPhase: () => phases.container,
      clusterPhase: () => phases.cluster,
      onPhaseChange: (listener) => {
        changed = listener;
        return { [Symbol.dispose]: forget };
      },
      noteInput: () => {
        noted += 1;
      },
    },
    adviceOn: ({ code }) => ` (about ${code})`,
    shellPossible: shell.possible.promise,
    clock,
    signal,
  }).then((typed) => {
    result = typed;
  });
}

function change(part: 'container' | 'cluster', phase: Phase): void {
  phases[part] = phase;
  changed?.();
}

beforeEach(() => {
  clock = new TestClock();
  input = new PassThrough();
  written = '';
  noted = 0;
  result = undefined;
  shell.possible = Promise.withResolvers();
});

test('who gets in at once sees nothing', async () => {
  begin(READY, READY);
  await clock.pass(100);
  shell.possible.resolve();
  await clock.pass(0);
  expect({ result: result?.toString(), written }).toEqual({ result: '', written: '' });
});

test('a cluster that is created is shown with its seconds until it is ready, in one line that goes away', async () => {
  begin(READY, working('create', 'starting the node'));
  shell.possible.resolve();
  await clock.pass(3_100);
  expect(result).toBeUndefined();
  expect(written).toContain('cluster: starting the node (3 s); press Enter');
  expect(written).not.toContain('\n');
  change('cluster', READY);
  await clock.pass(0);
  expect(result).toBeDefined();
  expect(written.endsWith('\r\x1b[K')).toBe(true);
  expect({ timers: clock.pending, listening: changed }).toEqual({ timers: 0, listening: undefined });
});

test('Enter alone goes on and is not for the shell; it does not help a container that does not run yet', async () => {
  begin(working('create'), working('create'));
  input.write('\r');
  await clock.pass(1_000);
  expect(result).toBeUndefined();
  shell.possible.resolve();
  await clock.pass(0);
  expect(result?.toString()).toBe('');
});

test('anything else that is typed is for the shell, with the Enter in it', async () => {
  begin(READY, working('start'));
  input.write('kubectl get no');
  await clock.pass(10);
  input.write('des\r');
  await clock.pass(10);
  shell.possible.resolve();
  await clock.pass(0);
  expect(result?.toString()).toBe('kubectl get nodes\r');
});

test.each([
  ['^C', '\x03'],
  ['^Z', '\x1a'],
  ['^\\', '\x1c'],
])('%s goes on, drops what was typed before, and never reaches the shell', async (_, key) => {
  begin(READY, working('create'));
  input.write('sleep 100');
  await clock.pass(10);
  input.write(`0\r${key}ls\r`);
  await clock.pass(10);
  shell.possible.resolve();
  await clock.pass(0);
  expect(result?.toString()).toBe('ls\r');
  expect(noted).toBeGreaterThan(0);
});

test('a cluster that fails while it is waited for is one line', async () => {
  begin(READY, working('create'));
  shell.possible.resolve();
  await clock.pass(1_000);
  const error = new FactoryError('CLUSTER_FAILED', 'Your cluster did not start.');
  change('cluster', { kind: 'failed', error, retryAt: clock.now() + 30_000 });
  await clock.pass(0);
  expect(result).toBeDefined();
  expect(written).toContain(
    `Your cluster did not start. (error ${error.id}) It is tried again in 30 s. (about CLUSTER_FAILED)\r\n`,
  );
});

test('a client that goes leaves no timer and no listener behind', async () => {
  const gone = new AbortController();
  begin(working('create'), working('create'), gone.signal);
  await clock.pass(1_000);
  gone.abort();
  await clock.pass(0);
  expect({ timers: clock.pending, listening: changed }).toEqual({ timers: 0, listening: undefined });
});

test('a cluster that stays asleep is not waited for long', async () => {
  begin(READY, { kind: 'asleep' });
  shell.possible.resolve();
  await clock.pass(5_000);
  expect(result).toBeDefined();
});

describe('the line', () => {
  test.each([20, 40, 80])('never reaches the last of %i columns', (columns) => {
    const status = {
      container: working('create', `pulling ${'x'.repeat(200)}`),
      cluster: READY,
      promptPossible: true,
    };
    expect([...statusLine(status, 0, 0, columns)].length).toBeLessThan(columns);
  });

  test('keeps the offer of the prompt where a long report leaves no room', () => {
    const status = {
      container: READY,
      cluster: working('create', `pulling ${'x'.repeat(200)}`),
      promptPossible: true,
    };
    expect(statusLine(status, 0, 0, 80)).toMatch(/^.*pulling x+\.\.\.; press Enter for the prompt now$/);
  });

  test('offers the prompt in 20 columns, too', () => {
    const status = { container: READY, cluster: working('create', 'pulling'), promptPossible: true };
    expect(statusLine(status, 0, 0, 20)).toMatch(/; Enter: prompt$/);
  });

  test('has no control character of a step in it', () => {
    const status = {
      container: working('create', 'a\x1b[2J\nb'),
      cluster: READY,
      promptPossible: false,
    };
    expect(statusLine(status, 0, 0, 80)).not.toMatch(/\p{Cc}/u);
  });
});

test.each([
  ['create', false, true],
  ['start', false, true],
  ['resume', false, false],
  ['connect', false, false],
  ['connect', true, true],
] as const)('a cluster at %s (watched before: %s) delays the prompt: %s', (action, watched, delays) => {
  expect(clusterDelaysPrompt(working(action), 60_000, watched)).toBe(delays);
});
