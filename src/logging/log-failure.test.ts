import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { logFailure, sentenceWithId } from './log-failure.ts';
import { createLogger } from './logger.ts';

function recording(level = 'info') {
  const lines: string[] = [];
  const logger = createLogger(level, [{ write: (line) => lines.push(line) }]);
  return { logger, entries: () => lines.map((line) => JSON.parse(line)) };
}

test('a failure that many meet has one id and one line, with the chain and without secrets', () => {
  const { logger, entries } = recording();
  const cause = new FactoryError('CLUSTER_FAILED', 'k3d failed.', { detail: 'a marker\ntoken: hush-hush' });
  const error = new FactoryError('CLUSTER_FAILED', 'No cluster.', { cause });
  const ids = [1, 2, 3].map(() =>
    logFailure(logger.child({ workspace: 'alice/k3s' }), error, { part: 'cluster' }),
  );
  expect(new Set(ids)).toEqual(new Set([error.id]));
  expect(error.id).toMatch(/^[0-9a-f]{8}$/);
  expect(sentenceWithId(error)).toBe(`No cluster. (error ${error.id})`);
  expect(entries()).toMatchObject([
    {
      level: 50,
      workspace: 'alice/k3s',
      part: 'cluster',
      errorId: error.id,
      code: 'CLUSTER_FAILED',
      msg: 'No cluster.',
      err: { cause: { detail: 'a marker\ntoken: [redacted]' } },
    },
  ]);
});

test('another failure of the same kind has another id; what the student mends is a warning', () => {
  const { logger, entries } = recording();
  const [one, two] = [1, 2].map(() => new FactoryError('INNER_SSHD_FAILED', 'No sshd.'));
  expect(one && logFailure(logger, one)).not.toBe(two && logFailure(logger, two));
  expect(entries().map(({ level }) => level)).toEqual([40, 40]);
});
