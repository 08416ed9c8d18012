import { expect, test } from 'vitest';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Route } from '../workspaces/ports/routes.ts';
import {
  formatRouteTable,
  hostRoutes,
  parseRouteTable,
  type RouteTable,
  withoutRoute,
  withRoute,
} from './route-table.ts';

const one = key('alice', 'one');
const two = key('alice', 'two');
const hostOf = (of: WorkspaceKey) => `${of.user}.localhost`;
const awake = (ingress: string): Route => ({
  kind: 'awake',
  addresses: { ingress, api: { host: ingress, port: 6443 } },
});
const asleep: Route = { kind: 'asleep' };
const table = (...entries: Array<[WorkspaceKey, Route]>) =>
  entries.reduce<RouteTable>((all, [of, route]) => withRoute(all, { key: of, route }), new Map());
const alices = (of: RouteTable) =>
  hostRoutes(of, hostOf).find(({ host }) => host === 'alice.localhost')?.route;

test('of two labs on one host the most recently set awake one has it', () => {
  expect(alices(table([one, awake('10.0.0.3')], [two, awake('10.0.0.19')]))).toEqual(awake('10.0.0.19'));
  expect(alices(table([one, awake('10.0.0.3')], [two, asleep]))).toEqual(awake('10.0.0.3'));
  expect(alices(table([one, asleep], [two, asleep]))).toEqual(asleep);
  const back = table([one, awake('10.0.0.3')], [two, awake('10.0.0.19')], [one, awake('10.0.0.3')]);
  expect(alices(back)).toEqual(awake('10.0.0.3'));
  expect(alices(withoutRoute(back, one))).toEqual(awake('10.0.0.19'));
});

test('is read back as it was written, order included', () => {
  const addresses = { ingress: '10.0.0.3', api: { host: '10.0.0.3', port: 6443 } };
  const starting: Route = { kind: 'starting', addresses };
  const written = table([two, awake('10.0.0.19')], [one, asleep], [key('bob', 'one'), starting]);
  expect([...(parseRouteTable(formatRouteTable(written)) ?? [])]).toEqual([...written]);
});

test.each(['', '{', '{}', '[{"key":{"user":"a/b","lab":"x"},"route":{"kind":"asleep"}}]', '[1]'])(
  '%j is no table',
  (text) => expect(parseRouteTable(text)).toBeUndefined(),
);

function key(user: string, lab: string): WorkspaceKey {
  const parsed = { user: parseUsername(user), lab: parseLabName(lab) };
  if (parsed.user === undefined || parsed.lab === undefined) throw new Error('bad name');
  return { user: parsed.user, lab: parsed.lab };
}
