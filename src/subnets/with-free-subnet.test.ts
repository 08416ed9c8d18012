import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import type { SubnetPool } from './subnet-pool.ts';
import { withFreeSubnet } from './with-free-subnet.ts';

const signal = new AbortController().signal;
const overlap = () =>
  new FactoryError('CLUSTER_FAILED', 'k3d failed; the log says more.', {
    detail: 'daemon: Pool overlaps with other one on this address space',
  });

/** Notes what is reserved and given back. */
function pool(): { readonly subnets: SubnetPool; readonly asked: string[]; held: number } {
  const seen = { asked: [] as string[], held: 0, subnets: { reserve } };
  async function reserve(_: AbortSignal, which: 'lowest' | 'any' = 'lowest') {
    seen.asked.push(which);
    seen.held += 1;
    const cidr = `10.209.0.${16 * seen.asked.length}/28`;
    const giveBack = () => {
      seen.held -= 1;
    };
    return { cidr, host: () => cidr, [Symbol.dispose]: giveBack };
  }
  return seen;
}

test('who is beaten to a subnet takes another, and gives each back', async () => {
  const seen = pool();
  const made = await withFreeSubnet(seen.subnets, signal, async ({ cidr }) => {
    expect(seen.held).toBe(1);
    if (seen.asked.length < 3) throw overlap();
    return cidr;
  });
  expect({ made, asked: seen.asked, held: seen.held }).toEqual({
    made: '10.209.0.48/28',
    asked: ['lowest', 'any', 'any'],
    held: 0,
  });
});

test.each([
  ['it is always taken', overlap, 4],
  [
    'it fails for another reason',
    () => new FactoryError('CLUSTER_FAILED', 'k3d failed.', { detail: 'no' }),
    1,
  ],
])('gives up where %s', async (_, failure, tries) => {
  const seen = pool();
  const thrown = failure();
  await expect(withFreeSubnet(seen.subnets, signal, () => Promise.reject(thrown))).rejects.toBe(thrown);
  expect({ tries: seen.asked.length, held: seen.held }).toEqual({ tries, held: 0 });
});
