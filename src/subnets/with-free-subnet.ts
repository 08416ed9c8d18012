import { FactoryError } from '../errors/factory-error.ts';
import type { SubnetPool, SubnetReservation } from './subnet-pool.ts';

/** Another factory on this engine may take the same subnet at the same moment; then another one is tried. */
const ATTEMPTS = 4;

/**
 * Makes a network by `make` in the lowest free subnet, or, as long as Docker says that somebody took it in the meantime, in another.
 * Rejects with `SUBNETS_EXHAUSTED` and what `make` rejects with.
 */
export async function withFreeSubnet<T>(
  subnets: SubnetPool,
  signal: AbortSignal,
  make: (subnet: SubnetReservation) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    // Factories that look at the same moment all find the same lowest.
    using subnet = await subnets.reserve(signal, attempt === 1 ? 'lowest' : 'any');
    try {
      return await make(subnet);
    } catch (thrown) {
      if (attempt === ATTEMPTS || !isOverlap(thrown)) throw thrown;
    }
  }
}

/** libnetwork's words since Docker 1.9, which k3d passes on: "Pool overlaps with other one on this address space". */
function isOverlap(thrown: unknown): boolean {
  return thrown instanceof FactoryError && /pool overlaps/i.test(thrown.detail ?? '');
}
