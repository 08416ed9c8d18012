/** Major and minor of a version such as "v5.9.0", "20.10.24+dfsg1" or "24.21.0"; undefined for anything else. */
export function parseVersion(text: string): readonly [number, number] | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text.trim()) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

export function isAtLeast(
  [major, minor]: readonly [number, number],
  [leastMajor, leastMinor]: readonly [number, number],
): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
