/** Whether a DNS name is that one, or below it. Both lower case, without a trailing dot. */
export function isAtOrBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
