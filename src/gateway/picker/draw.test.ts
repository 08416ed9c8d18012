import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labNamed } from '../../labs/testing/lab-named.ts';
import { displayWidth } from './display-width.ts';
import { erase, type Frame, frameOf, redraw } from './draw.ts';
import type { LabChoice } from './picker.ts';
import { Screen } from './testing/screen.ts';

const LABS: readonly LabChoice[] = [
  { name: labNamed('debian').name, state: 'new', description: 'A plain Debian' },
  { name: labNamed('k3s').name, state: 'suspended', description: 'クラスター e\u0301 of your own' },
  { name: labNamed('web').name, state: 'running', description: '' },
];

const MANY = Array.from({ length: 30 }, (_, number): LabChoice => {
  return { name: labNamed(`lab${number}`).name, state: 'waking', description: `number ${number}` };
});

const textsOf = ({ lines }: Frame): string[] => lines.map(({ text }) => text);

test('a row for each lab below a heading, and the cursor in the row that is selected', () => {
  const frame = frameOf(LABS, 1, { columns: 80, rows: 24 });
  expect(textsOf(frame)).toEqual([
    'Which lab? Arrow keys and Enter choose one, q leaves.',
    '  1  debian  new      A plain Debian',
    '> 2  k3s     paused   クラスター e\u0301 of your own',
    '  3  web     running',
  ]);
  expect(frame.cursor).toBe(2);
});

test('where there are more labs than rows the list moves on with the selected one', () => {
  const size = { columns: 80, rows: 7 };
  expect(textsOf(frameOf(MANY, 0, size))[1]).toMatch(/^> {2}1 {2}lab0 /);
  expect(textsOf(frameOf(MANY, 15, size))).toEqual([
    expect.stringMatching(/ \(25 more\)$/),
    expect.stringContaining('lab13'),
    expect.stringContaining('lab14'),
    expect.stringMatching(/^> 16 {2}lab15 /),
    expect.stringContaining('lab16'),
    expect.stringContaining('lab17'),
  ]);
  expect(textsOf(frameOf(MANY, 29, size)).at(-1)).toContain('lab29');
});

const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
const lab = fc.record({
  name: fc.constantFrom(...MANY.map(({ name }) => name)),
  state: fc.constantFrom('new', 'running', 'waking', 'suspended', 'stopped'),
  description: fc.string({ unit: 'binary', maxLength: 60 }),
}) satisfies fc.Arbitrary<LabChoice>;
const list = fc.array(lab, { minLength: 1, maxLength: 40 });

test('whatever the size and whatever the labs say, it fits, has the selected row, and drives nothing', () => {
  fc.assert(
    fc.property(list, fc.nat(), size, (labs, place, of) => {
      const frame = frameOf(labs, place % labs.length, of);
      expect(frame.lines.length).toBeLessThanOrEqual(Math.max(1, of.rows));
      expect(frame.lines[frame.cursor]?.look).toBe('reverse');
      for (const { text } of frame.lines) {
        expect(displayWidth(text)).toBeLessThanOrEqual(Math.max(1, of.columns - 1));
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
      const text = redraw(undefined, frame, of.columns);
      expect(text.replace(/\p{Cc}\[(?:\d+A|[17]?m|K|J)/gu, '').replace(/[\r\n]/g, '')).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('every frame takes the place of the one before, and nothing is left in the end', () => {
  const step = fc.record({
    labs: fc.constantFrom(LABS, MANY),
    place: fc.nat(),
    rows: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const screen = new Screen(120);
      screen.write('$ ssh alice@lab\r\n');
      let last: Frame | undefined;
      for (const { labs, place, rows } of steps) {
        const next = frameOf(labs, place % labs.length, { columns: 120, rows });
        screen.write(redraw(last, next, 120));
        last = next;
        expect(screen.lines).toEqual(['$ ssh alice@lab', ...textsOf(next).map((each) => each.trimEnd())]);
        expect(screen.row).toBe(next.cursor + 1);
      }
      screen.write(erase(last, 120));
      expect(screen.lines).toEqual(['$ ssh alice@lab', '']);
    }),
  );
});

test('a terminal that was made narrower has wrapped the lines above the cursor, and they go, too', () => {
  const wide = frameOf(LABS, 0, { columns: 80, rows: 24 });
  // The heading of 53 columns has become three lines of 20.
  expect(erase(wide, 20)).toBe('\r\x1b[3A\x1b[J');
});
