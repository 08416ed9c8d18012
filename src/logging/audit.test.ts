import fc from 'fast-check';
import { expect, test } from 'vitest';
import { audit } from './audit.ts';
import { createLogger } from './logger.ts';

function audited(entry: Partial<Parameters<typeof audit>[1]>): string[] {
  const lines: string[] = [];
  const logger = createLogger('info', [{ write: (line) => lines.push(line) }]);
  const whole = {
    who: 'alice',
    from: '192.0.2.7:1',
    door: 'ssh',
    what: 'login',
    result: 'accepted',
    ...entry,
  } as const;
  audit(logger.child({ workspace: 'alice/k3s' }), whole, 'logged in', { program: 'x' });
  return lines;
}

test('a decision is one line: who, from where, what, and what came of it', () => {
  const [line = '', ...more] = audited({ connection: 'c1', fingerprints: ['SHA256:x'] });
  expect(more).toEqual([]);
  expect(JSON.parse(line)).toMatchObject({
    level: 30,
    msg: 'logged in',
    workspace: 'alice/k3s',
    program: 'x',
    audit: true,
    who: 'alice',
    from: '192.0.2.7:1',
    door: 'ssh',
    what: 'login',
    result: 'accepted',
    connection: 'c1',
    fingerprints: ['SHA256:x'],
  });
});

test('whatever somebody calls themselves, it is one short printable line', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 1_000 });
  fc.assert(
    fc.property(anything, anything, (who, reason) => {
      const lines = audited({ who, reason, from: reason });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[\x20-\x7e]{1,1500}\n$/);
    }),
  );
});
