import { expect, test } from 'vitest';
import { fatalReason } from './failure-report.ts';

test('the reason of a failure is the last fatal message of a node', () => {
  const lines = [
    'time="2026-11-23T20:00:00Z" level=fatal msg="first"',
    'time="2026-11-23T20:00:01Z" level=fatal msg="listen \\"[::]:6443\\": address already in use."',
    'time="2026-11-23T20:00:02Z" level=info msg="bye"',
  ];
  expect(fatalReason(lines)).toBe('listen "[::]:6443": address already in use');
  expect(fatalReason(['level=info msg=fine'])).toBeUndefined();
});

test('the reason is for terminals, and holds nothing that they obey', () => {
  expect(fatalReason(['level=fatal msg="a\x1b]0;owned\x07 b\x9b2J c"'])).toBe('a ]0;owned b 2J c');
});
