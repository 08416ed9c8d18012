import { expect, test } from 'vitest';
import { judgeAddress } from './address-policy.ts';

const NONE = { privateAddresses: [] };

test.each(['8.8.8.8', '185.199.108.153', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(judgeAddress(address, NONE)).toBe('public');
});

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '10.0.0.5',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
])('%s is refused', (address) => {
  expect(judgeAddress(address, NONE)).toBe('refused');
});

test('what the operator allows is private, and nothing beside it is', () => {
  const policy = { privateAddresses: ['10.1.0.0/16', 'fd00::/8'] };
  expect(judgeAddress('10.1.255.255', policy)).toBe('private');
  expect(judgeAddress('::ffff:10.1.0.1', policy)).toBe('private');
  expect(judgeAddress('10.2.0.0', policy)).toBe('refused');
  expect(judgeAddress('fd12::1', policy)).toBe('private');
  expect(judgeAddress('8.8.8.8', policy)).toBe('public');
});
