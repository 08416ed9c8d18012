/**
 * How far a server's clock is ahead of ours, to about a second; ms. Undefined where it does not say. `date`: when its answer was made
 * (RFC 9110 §6.6.1); `age`: for how many seconds a cache has kept it since (RFC 9111 §5.1); `now`: ms since 1970.
 */
export function clockOffset(date: string, age: number, now: number): number | undefined {
  const made = Date.parse(date) + age * 1000;
  return Number.isNaN(made) ? undefined : made - now;
}
