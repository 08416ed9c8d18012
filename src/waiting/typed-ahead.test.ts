import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { TypedAhead } from './typed-ahead.ts';

/** What is kept of what is typed, a piece at a time. */
function kept(...pieces: readonly string[]): string {
  const input = new PassThrough();
  const typed = new TypedAhead(input, () => {});
  for (const piece of pieces) input.emit('data', Buffer.from(piece));
  return typed.stop().toString();
}

test('what is typed is kept for the shell, in order, also byte by byte', () => {
  const text = Array.from({ length: 5_000 }, (_, at) => String.fromCharCode(97 + (at % 26)));
  expect(kept(...text)).toBe(text.join(''));
  expect(kept('echo ', 'x'.repeat(3_000), ' in', '\r')).toBe(`echo ${'x'.repeat(3_000)} in\r`);
});

test('Enter alone is nothing, and a signal key drops what came before it', () => {
  expect(kept('\r', '\r\n', 'ls', '\r')).toBe('ls\r');
  expect(kept('sleep 9\r', '\x03', 'ls\r')).toBe('ls\r');
});

test('beyond 64 KiB nothing more is read', () => {
  const input = new PassThrough();
  const typed = new TypedAhead(input, () => {});
  for (let sent = 0; sent < 64 * 1024; sent += 1) input.emit('data', Buffer.from('x'));
  expect(input.isPaused()).toBe(false);
  input.emit('data', Buffer.from('x'));
  expect(input.isPaused()).toBe(true);
  expect(typed.stop()).toHaveLength(64 * 1024 + 1);
});
