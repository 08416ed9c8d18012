import { FactoryError } from '../errors/factory-error.ts';
import type { Username } from '../names/username.ts';

/** Why nobody may be somebody of this name, whatever a source says of it; undefined: they may. */
export type Reservation = (user: Username) => FactoryError | undefined;

/** Every name is free. */
export const NOTHING_RESERVED: Reservation = () => undefined;

/** Fails with `USERNAME_RESERVED`. `names`: those of hosts that are for something else. */
export function createReservation(names: Pick<ReadonlyMap<string, unknown>, 'has'>): Reservation {
  return (user) => {
    if (!names.has(user)) return undefined;
    return new FactoryError(
      'USERNAME_RESERVED',
      `The name ${user} is kept for something else here, so nobody gets in by it; ask your instructor for another one.`,
    );
  };
}
