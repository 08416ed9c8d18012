import Docker from 'dockerode';
import { expect, test } from 'vitest';
import type { DockerCall, DockerEngine } from '../docker-engine/docker-engine.ts';
import { parseRouteTable } from './host-routes.ts';
import { createSubnetPool } from './subnet-pool.ts';

function engineWithNetworks(...subnets: string[]): DockerEngine {
  const docker = new Docker();
  docker.listNetworks = (() =>
    Promise.resolve(
      subnets.map((Subnet) => ({ IPAM: { Config: [{ Subnet }] } })),
    )) as typeof docker.listNetworks;
  const call = <T>({ request, signal }: DockerCall<T>) => request(docker, signal);
  return { call, callUnless: (_, given) => call(given) };
}

const signal = new AbortController().signal;

test('skips what Docker networks and the routes of the host overlap', async () => {
  const engine = engineWithNetworks('10.209.0.0/28', '10.209.0.32/27', 'fd00::/64');
  const table =
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n' +
    'eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n' +
    'tun0\t4000D10A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\n';
  const pool = createSubnetPool({
    engine,
    within: '10.209.0.0/16',
    routes: async () => parseRouteTable(table),
  });
  using first = await pool.reserve(signal);
  using second = await pool.reserve(signal);
  expect([first.cidr, second.cidr]).toEqual(['10.209.0.16/28', '10.209.0.80/28']);
  expect([first.host(1), first.host(14)]).toEqual(['10.209.0.17', '10.209.0.30']);
});

test('reservations at the same moment differ, and are free again when disposed of', async () => {
  const pool = createSubnetPool({
    engine: engineWithNetworks(),
    within: '10.209.0.0/26',
    routes: async () => [],
  });
  const all = await Promise.all([1, 2, 3, 4].map(() => pool.reserve(signal)));
  expect(new Set(all.map((one) => one.cidr)).size).toBe(4);
  await expect(pool.reserve(signal)).rejects.toMatchObject({ code: 'SUBNETS_EXHAUSTED' });
  all[2]?.[Symbol.dispose]();
  using again = await pool.reserve(signal);
  expect(again.cidr).toBe(all[2]?.cidr);
});

test('any by chance is a free one, and seldom the lowest', async () => {
  const engine = engineWithNetworks('10.209.0.0/28');
  const pool = createSubnetPool({ engine, within: '10.209.0.0/16', routes: async () => [] });
  const picked = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    using reservation = await pool.reserve(signal, 'any');
    picked.add(reservation.cidr);
  }
  expect(picked).not.toContain('10.209.0.0/28');
  expect(picked.size).toBeGreaterThan(2);
  const last = createSubnetPool({ engine, within: '10.209.0.0/27', routes: async () => [] });
  using only = await last.reserve(signal, 'any');
  expect(only.cidr).toBe('10.209.0.16/28');
  await expect(last.reserve(signal, 'any')).rejects.toMatchObject({ code: 'SUBNETS_EXHAUSTED' });
});

test('a pool that is too small is a mistake of the configuration', () => {
  expect(() => createSubnetPool({ engine: engineWithNetworks(), within: '10.0.0.0/29' })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
