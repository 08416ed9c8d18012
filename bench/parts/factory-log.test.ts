import { expect, test } from 'vitest';
import { loginsIn } from './factory-log.ts';

test('the logins of one user, whatever else the log holds', () => {
  const line = (time: number, user: string, msg = 'logged in') =>
    JSON.stringify({ level: 30, time: new Date(time).toISOString(), user, msg });
  const log = [
    'hello: logged in',
    line(1, 'a'),
    line(2, 'b'),
    line(3, 'a', 'step done'),
    line(4, 'a'),
    '{"time":5,"msg":"logged in',
  ];
  expect(loginsIn(log.join('\n'), 'a')).toEqual([1, 4]);
});
