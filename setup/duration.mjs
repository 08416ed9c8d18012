// @ts-check

/**
 * "0.4 s", "12 s", "3 min 20 s".
 * @param {number} ms
 */
export function formatDuration(ms) {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`;
}

/**
 * For people who wait: "less than a minute", "about 4 min".
 * @param {number} ms
 */
export function roughDuration(ms) {
  return ms < 50_000 ? 'less than a minute' : `about ${Math.round(ms / 60_000)} min`;
}
