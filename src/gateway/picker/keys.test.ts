import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Key, KeyReader } from './keys.ts';

function keysOf(reader: KeyReader, bytes: Uint8Array): Key[] {
  return [...bytes].flatMap((byte) => reader.take(byte) ?? []);
}

const typed = (text: string): Key[] => keysOf(new KeyReader(), Buffer.from(text));

test.each([
  ['\x1b[A', 'up'],
  ['\x1bOA', 'up'],
  ['\x1b[B', 'down'],
  ['\x1bOB', 'down'],
  ['\x1b[1;5B', 'down'],
  ['\x1b[H', 'first'],
  ['\x1bOH', 'first'],
  ['\x1b[1~', 'first'],
  ['\x1b[7~', 'first'],
  ['\x1b[F', 'last'],
  ['\x1b[4~', 'last'],
  ['\x1b[8~', 'last'],
  ['\x1b[5~', 'page_up'],
  ['\x1b[6;2~', 'page_down'],
])('%j moves: %s', (text, to) => {
  expect(typed(text)).toEqual([{ kind: 'move', to }]);
});

test.each([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\x1bOM', 'enter'],
  ['\x03', 'leave'],
  ['\x04', 'leave'],
  ['\x1b\x1b', 'leave'],
])('%j: %s', (text, kind) => {
  expect(typed(text)).toEqual([{ kind }]);
});

test.each(['\x1b[2;3R', '\x1b[200~', '\x1bx', '\x1b[C', '\x1bOP', '\t', '\x7f', 'é', '\x1b[?1;2c'])(
  '%j is no key',
  (text) => {
    expect(typed(text)).toEqual([]);
  },
);

test('an escape alone is one when nothing follows, and not before', () => {
  const reader = new KeyReader();
  expect(reader.take(0x1b)).toBeUndefined();
  expect(reader.undecided).toBe(true);
  expect(reader.settle()).toEqual({ kind: 'leave' });
  expect(reader.undecided).toBe(false);
});

test('a sequence that is never finished is nothing, and what follows is read as ever', () => {
  const reader = new KeyReader();
  expect(keysOf(reader, Buffer.from('\x1b['))).toEqual([]);
  expect(reader.settle()).toBeUndefined();
  expect(keysOf(reader, Buffer.from('x'))).toEqual([{ kind: 'character', character: 'x' }]);
  expect(typed(`\x1b[${'1'.repeat(100)}\r`).at(-1)).toEqual({ kind: 'enter' });
});

test('^C leaves in the middle of a sequence, too', () => {
  expect(typed('\x1b[1\x03')).toEqual([{ kind: 'leave' }]);
});

test('packets may split the bytes anywhere', () => {
  const piece = fc.constantFrom('\x1b[A', '\x1bOB', '\x1b[6~', '\x1b[1;5H', 'a', '7', '\r', 'é', '\x1bx');
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(''));
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const reader = new KeyReader();
      let from = 0;
      const keys = ends.flatMap((end) => {
        const part = bytes.subarray(from, end);
        from = end;
        return keysOf(reader, part);
      });
      expect(keys).toEqual(typed(pieces.join('')));
    }),
  );
});

test('any bytes are read, and the reader never waits for more than one key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new KeyReader();
      for (const key of keysOf(reader, bytes)) {
        if (key.kind === 'character') expect(key.character).toMatch(/^[ -~]$/);
      }
      reader.settle();
      expect(reader.undecided).toBe(false);
      expect(reader.take(0x03)).toEqual({ kind: 'leave' });
    }),
  );
});
