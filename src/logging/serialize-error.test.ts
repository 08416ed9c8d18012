import { execa } from 'execa';
import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { serializeError } from './serialize-error.ts';

test('the whole chain, down to what a program said', async () => {
  const cause: unknown = await execa('sh', ['-c', 'echo last words >&2; exit 3']).catch(
    (error: unknown) => error,
  );
  const inner = new FactoryError('CLUSTER_FAILED', 'k3d failed.', { cause, detail: 'its last lines' });
  expect(serializeError(new FactoryError('CLUSTER_FAILED', 'No cluster.', { cause: inner }))).toMatchObject({
    type: 'FactoryError',
    code: 'CLUSTER_FAILED',
    message: 'No cluster.',
    cause: {
      message: 'k3d failed.',
      detail: 'its last lines',
      cause: {
        type: 'ExecaError',
        exitCode: 3,
        command: expect.stringContaining('sh -c'),
        output: 'last words',
        message: expect.not.stringContaining('last words\n'),
        stack: expect.stringMatching(/^\s+at /),
      },
    },
  });
});

test("of Docker's answers the status and the words, and nothing of the request that it carries", () => {
  const answer = Object.assign(new Error('(HTTP code 404) no such container - x'), {
    statusCode: 404,
    request: { headers: { 'X-Registry-Auth': 'secret' } },
  });
  const serialized = serializeError(answer);
  expect(serialized).toMatchObject({
    type: 'Error',
    status: 404,
    message: expect.stringContaining('no such'),
  });
  expect(JSON.stringify(serialized)).not.toContain('secret');
});

test('ends: a chain that leads back to itself, one that is endless, texts without measure', () => {
  const circle = new Error('round');
  circle.cause = new Error('and round', { cause: circle });
  expect(JSON.stringify(serializeError(circle)).length).toBeLessThan(20_000);
  const long = 'x'.repeat(1_000_000);
  const huge = new FactoryError('DOCKER_FAILED', long, {
    detail: `${long}the end`,
    cause: new AggregateError([long, new Error(long)]),
  });
  const serialized = serializeError(huge);
  expect(JSON.stringify(serialized).length).toBeLessThan(20_000);
  expect(serialized.detail).toMatch(/^….*the end$/);
  expect(serialized.cause?.errors).toHaveLength(2);
});

test('what is no error at all', () => {
  expect(serializeError('text')).toEqual({ type: 'string', message: 'text' });
  expect(serializeError(undefined)).toEqual({ type: 'undefined', message: 'undefined' });
});
