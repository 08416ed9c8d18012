import { InvalidArgumentError } from 'commander';

/** How many of something are to be shown. Throws commander's usage error. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 1_000_000) return count;
  throw new InvalidArgumentError('Type a number from 1 to 1000000.');
}
