import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { Size } from './draw.ts';
import { LabPicker, type Picked } from './pick-lab.ts';
import type { LabChoice } from './picker.ts';
import { Screen } from './testing/screen.ts';

const NAMES = ['debian', 'k3s', 'web'].map((name) => labNamed(name).name);
const MINUTE = 60_000;

const WIDE: Size = { columns: 80, rows: 24 };

let clock: VirtualClock;
let input: PassThrough;
let over: AbortController;
let screen: Screen;
let written: string;
let taken: (() => void)[];
let reads: boolean;
let state: LabChoice['state'];
let picked: Picked | undefined;

beforeEach(() => {
  clock = new VirtualClock();
  input = new PassThrough();
  over = new AbortController();
  screen = new Screen(80);
  written = '';
  taken = [];
  reads = true;
  state = 'new';
  picked = undefined;
});

async function begin(size: Size | 'unknown' = WIDE): Promise<LabPicker> {
  const picker = new LabPicker({
    terminal: {
      input,
      write: (text, whenTaken) => {
        written += text;
        screen.write(text);
        if (reads) whenTaken();
        else taken.push(whenTaken);
      },
      size: () => (size === 'unknown' ? undefined : size),
    },
    labs: () => NAMES.map((name) => ({ name, state, description: '' })),
    patience: MINUTE,
    clock,
    signal: over.signal,
  });
  void picker.run().then((result) => {
    picked = result;
  });
  await clock.advance(0);
  return picker;
}

async function type(bytes: string | Uint8Array): Promise<void> {
  input.write(bytes);
  await clock.advance(0);
}

test('an arrow and Enter choose; the terminal is clean, and what follows is left for the shell', async () => {
  await begin();
  expect(screen.lines[1]).toBe('> 1  debian  new');
  await type('\x1b[B');
  expect(screen.lines[2]).toBe('> 2  k3s     new');
  await type('\rls\r');
  expect(picked).toEqual({ kind: 'chosen', lab: 'k3s' });
  expect(screen.lines).toEqual(['']);
  expect(String(input.read())).toBe('ls\r');
  expect(clock.pending).toBe(0);
});

test('an arrow that comes in pieces is one; an escape that nothing follows leaves', async () => {
  await begin();
  await type('\x1b');
  await clock.advance(100);
  await type('[');
  await clock.advance(100);
  await type('B');
  expect(screen.lines[2]).toMatch(/^> 2/);
  await type('\x1b');
  expect(picked).toBeUndefined();
  await clock.advance(300);
  expect(picked).toEqual({ kind: 'left' });
});

test('states are shown as they are, and nothing is written where nothing changed', async () => {
  await begin();
  const before = written.length;
  await clock.advance(5_000);
  expect(written.length).toBe(before);
  state = 'running';
  await clock.advance(1_000);
  expect(screen.lines[1]).toBe('> 1  debian  running');
});

test('who types nothing is given up, and each key begins the time anew', async () => {
  await begin();
  await clock.advance(MINUTE - 1);
  await type('j');
  await clock.advance(MINUTE - 1);
  expect(picked).toBeUndefined();
  await clock.advance(1);
  expect(picked).toEqual({ kind: 'idle' });
  expect(screen.lines).toEqual(['']);
});

test('the end of the input, and that there is nothing to choose any more, end it', async () => {
  await begin();
  input.end();
  await clock.advance(0);
  expect(picked).toEqual({ kind: 'input_ended' });
  input = new PassThrough();
  await begin();
  over.abort();
  await clock.advance(0);
  expect(picked).toEqual({ kind: 'over' });
  expect({ timers: clock.pending, listeners: input.listenerCount('data') }).toEqual({
    timers: 0,
    listeners: 0,
  });
});

test('a client that does not read gets one frame, not one for each key', async () => {
  reads = false;
  await begin();
  const first = written.length;
  for (let key = 0; key < 100; key += 1) await type('j');
  expect(written.length).toBe(first);
  reads = true;
  for (const whenTaken of taken.splice(0)) whenTaken();
  expect(screen.lines[3]).toMatch(/^> 3/);
  expect(written.length).toBeLessThan(3 * first);
});

test('a sentence stands above the list', async () => {
  const picker = await begin();
  picker.tell('The lab is restarted soon.');
  expect(screen.lines.slice(0, 3)).toEqual([
    'The lab is restarted soon.',
    'Which lab? Arrow keys and Enter choose one, q leaves.',
    '> 1  debian  new',
  ]);
});

describe('a line to answer in', () => {
  test.each([
    ['2\r', { kind: 'chosen', lab: 'k3s' }],
    ['web\r', { kind: 'chosen', lab: 'web' }],
    [' WEB \n', { kind: 'chosen', lab: 'web' }],
    ['xx\x7f\x7f\x7f1\r', { kind: 'chosen', lab: 'debian' }],
    ['nonsense\x15\x083\r', { kind: 'chosen', lab: 'web' }],
    ['q\r', { kind: 'left' }],
    ['we\x03', { kind: 'left' }],
    ['0\r', undefined],
    ['4\r', undefined],
    ['\r', undefined],
    ['nothing\r', undefined],
  ])('%j: %j', async (text, result) => {
    screen.write = () => {};
    await begin('unknown');
    await type(text);
    expect(picked).toEqual(result);
  });

  test('echoes what can be seen and nothing else', async () => {
    screen.write = () => {};
    await begin('unknown');
    const before = written.length;
    await type('a\x01\tb\x9bé');
    expect(written.slice(before)).toBe('ab');
  });
});

test('any bytes at any place lead to nothing but text and the sequences that are known', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, isSimple) => {
        input = new PassThrough();
        over = new AbortController();
        written = '';
        picked = undefined;
        screen = new Screen(80);
        if (isSimple) {
          screen.write = () => {};
          await begin('unknown');
        } else await begin();
        for (const chunk of chunks) if (picked === undefined) await type(chunk);
        over.abort();
        await clock.advance(0);
        expect(picked).toBeDefined();
        const known = isSimple ? /\r\n|[\b] [\b]/g : /\p{Cc}\[(?:\d+A|[17]?m|K|J)|\r\n?/gu;
        expect(written.replace(known, '')).not.toMatch(/\p{Cc}/u);
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});
