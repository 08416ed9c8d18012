import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { parseResolver } from './resolver-address.ts';

test.each(['9.9.9.9', '127.0.0.1:5353', '2620:fe::fe', '[2620:fe::fe]:53'])('%s is a name server', (text) => {
  expect(parseResolver(text)).toBe(text);
});

test.each(['', 'ns1.example.org', '9.9.9', '9.9.9.9:x', '9.9.9.9:99999', '-h'])('%j is none', (text) => {
  expect(() => parseResolver(text)).toThrow(InvalidArgumentError);
});
