import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { orAborted } from './or-aborted.ts';

test('whoever waits has what is waited for, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(orAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('the wait ends with the signal, and does not begin where that has ended before', async () => {
  const never = Promise.withResolvers<string>().promise;
  const end = new AbortController();
  const waiting = orAborted(never, end.signal);
  end.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(orAborted(never, end.signal)).rejects.toThrow('over');
  await expect(orAborted(Promise.resolve('done'), end.signal)).rejects.toThrow('over');
});
