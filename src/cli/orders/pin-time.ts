import { InvalidArgumentError } from 'commander';
import { duration } from '../../config/values.ts';
import { LONGEST_PIN } from '../../control/workspace-request.ts';

const DATE_AND_TIME = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?$/;
const LONGEST_DAYS = LONGEST_PIN / 86_400_000;

/** "2h" as ms. Throws commander's usage error. */
export function parsePinSpan(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success && parsed.data > 0 && parsed.data <= LONGEST_PIN) return parsed.data;
  throw new InvalidArgumentError(
    `It must be a time such as 90m, 2h or 3d, and ${LONGEST_DAYS} days at most.`,
  );
}

/** "2026-11-29T18:00", in this machine's time zone where it names none, as ISO 8601 in UTC. Throws commander's usage error. */
export function parsePinEnd(text: string, now = Date.now()): string {
  const [, year, month, day] = DATE_AND_TIME.exec(text) ?? [];
  const end = Date.parse(text);
  // Date.parse takes the 31st of February for the 3rd of March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (!isDay || Number.isNaN(end)) {
    throw new InvalidArgumentError('It must be a date and a time such as 2026-11-29T18:00.');
  }
  if (end <= now) throw new InvalidArgumentError('It is past.');
  if (end > now + LONGEST_PIN) throw new InvalidArgumentError(`It is more than ${LONGEST_DAYS} days ahead.`);
  return new Date(end).toISOString();
}
