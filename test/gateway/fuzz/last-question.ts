import { byte, encode, string, uint32 } from './wire.ts';

/** A channel number that no stream has, so that the answer to it comes after all others. */
export const LAST = 0xff_ff_ff_f0;

/** Wants a channel of a kind that there is not: whoever still reads refuses it, once all before it has been dealt with. */
export const LAST_QUESTION = encode([
  byte(90),
  string('is-anybody-there'),
  uint32(LAST),
  uint32(2 ** 20),
  uint32(2 ** 15),
]);
