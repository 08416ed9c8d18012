const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time for people, in one unit and rounded: "45 s", "10 min", "3 h", "2 d". Less than nothing is "0 s". */
export function inWords(ms: number): string {
  if (ms < 99.5 * SECOND) return `${Math.round(Math.max(0, ms) / SECOND)} s`;
  if (ms < 99.5 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 48 * HOUR) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} d`;
}

/** How long something took, for people; short spans to the hundredth or tenth: "0.04 s", "12.3 s", then as `inWords`. */
export function tookInWords(ms: number): string {
  const seconds = Math.max(0, ms) / SECOND;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : inWords(ms);
}
