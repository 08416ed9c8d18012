import { styleText } from 'node:util';
import type { FactoryStatus } from '../../control/status-schema.ts';
import { counted } from '../../words/amounts.ts';
import { inWords } from '../../words/time-span.ts';

/** Addresses that are named; whoever wants all of them has `--json`. */
const MOST_NAMED = 5;

/** "closed out after failed logins: 192.0.2.7 (30 s more), 2001:db8::/64 (4 min more) and 3 others"; nothing where there are none. */
export function closedOutLines(closedOut: FactoryStatus['closed_out'], now: number): string[] {
  if (closedOut.length === 0) return [];
  const named = closedOut
    .slice(0, MOST_NAMED)
    .map(({ address, until }) => `${address} (${inWords(Date.parse(until) - now)} more)`);
  const others = closedOut.length - named.length;
  const rest = others === 0 ? '' : ` and ${counted(others, 'other')}`;
  return [styleText('yellow', `closed out after failed logins: ${named.join(', ')}${rest}`)];
}
