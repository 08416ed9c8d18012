import { expect, test } from 'vitest';
import { judgePort } from './ports.ts';

const ADDRESS = { host: '0.0.0.0', port: 22 };

test('an address that can be had is right', () => {
  expect(judgePort('ssh.listen', ADDRESS, undefined).verdict).toBe('right');
});

test('of one that is taken is asked who has it, of others there is nobody to ask for', () => {
  expect(judgePort('ssh.listen', ADDRESS, { isTaken: true, words: 'taken' })).toEqual({
    verdict: 'wrong',
    text: 'ssh.listen: taken',
    remedy: [
      "ss -ltnp 'sport = :22'   # who listens there",
      'in the configuration: another address in ssh.listen',
    ],
  });
  expect(judgePort('ssh.listen', ADDRESS, { isTaken: false, words: 'not allowed' })).toMatchObject({
    remedy: ['in the configuration: another address in ssh.listen'],
  });
});
