import { expect, test } from 'vitest';
import type { DockerRange } from './docker-ranges.ts';
import { type Ipv4Range, parseRange } from './ipv4-range.ts';
import { usageOf } from './pool-usage.ts';

function range(cidr: string): Ipv4Range {
  const parsed = parseRange(cidr);
  if (parsed === undefined) throw new Error(`${cidr} is no range`);
  return parsed;
}

function network(name: string, cidr: string): DockerRange {
  return { network: name, range: range(cidr) };
}

const POOL = range('10.209.0.0/24');

test('an empty pool is all free', () => {
  const elsewhere = [network('bridge', '172.17.0.0/16')];
  expect(usageOf(POOL, elsewhere, [range('192.168.1.0/24')])).toEqual({
    total: 16,
    free: 16,
    neighbours: [],
  });
});

test("workspaces' networks take one each and are nobody's neighbours, nor are the routes to them", () => {
  const networks = [network('a-lab.x', '10.209.0.0/28'), network('k3d-x', '10.209.0.16/28')];
  const routes = [range('10.209.0.0/28'), range('10.209.0.16/28')];
  expect(usageOf(POOL, networks, routes)).toEqual({ total: 16, free: 14, neighbours: [] });
});

test('whatever else lies in the pool is named once', () => {
  const networks = [network('mine', '10.209.0.0/25')];
  const routes = [range('10.209.0.0/25'), range('10.209.0.192/26')];
  expect(usageOf(POOL, networks, routes)).toEqual({
    total: 16,
    free: 4,
    neighbours: ['the Docker network mine (10.209.0.0/25)', 'a route of this host (10.209.0.192/26)'],
  });
});

test('a network that holds the whole pool leaves nothing', () => {
  expect(usageOf(POOL, [], [range('10.0.0.0/8')])).toMatchObject({ free: 0 });
});
