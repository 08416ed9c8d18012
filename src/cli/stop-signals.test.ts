import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { stopSignals } from './stop-signals.ts';

function receiver() {
  return Object.assign(new EventEmitter(), { exit: vi.fn() });
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('the first %s asks to stop, the second ends the process with %i', (signal, code) => {
  const process = receiver();
  using signals = stopSignals(process);
  process.emit(signal, signal);
  expect([signals.stop.aborted, process.exit.mock.calls]).toEqual([true, []]);
  process.emit(signal, signal);
  expect(process.exit).toHaveBeenCalledExactlyOnceWith(code);
});

test('nothing is left on the process', () => {
  const process = receiver();
  stopSignals(process)[Symbol.dispose]();
  expect(process.eventNames()).toEqual([]);
});
