import { expect, test } from 'vitest';
import { EndOfNode } from '../nodes/node-watch.ts';
import { HopelessStarts } from './hopeless-starts.ts';

const ended = { fatal: undefined, cause: new EndOfNode('server-0', { ExitCode: 1, OOMKilled: false }) };
const late = { fatal: undefined, cause: new Error('took too long') };

test('a node that ends by itself twice in a row will always', () => {
  const starts = new HopelessStarts();
  expect(starts.judge('one', ended)).toBe(false);
  expect(starts.judge('other', ended)).toBe(false);
  expect(starts.judge('one', ended)).toBe(true);
});

test('a start that went well, or failed in another way, begins the count anew', () => {
  const starts = new HopelessStarts();
  starts.judge('one', ended);
  starts.wentWell('one');
  expect(starts.judge('one', ended)).toBe(false);
  expect(starts.judge('one', late)).toBe(false);
  expect(starts.judge('one', ended)).toBe(false);
});

test.each([
  [
    'starting kubernetes: preparing server: bootstrap data already found and encrypted with different token',
    true,
  ],
  ['/var/lib/rancher/k3s/server/cred/passwd newer than datastore and could cause a cluster outage', true],
  ['kine: database disk image is malformed', true],
  ['failed to find interface with specified node ip', false],
])('what k3s calls fatal: %s', (fatal, isBroken) => {
  expect(new HopelessStarts().judge('one', { ...late, fatal })).toBe(isBroken);
});
