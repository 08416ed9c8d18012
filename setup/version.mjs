// @ts-check

/**
 * @param {string} version "v24.21.0", "22.19"
 * @returns {number[]} missing parts are 0
 */
export function parseVersion(version) {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version.trim());
  if (!match) throw new Error(`not a version: ${version}`);
  return match.slice(1, 4).map((part) => Number(part ?? 0));
}

/**
 * @param {string} version
 * @param {string} range as in our package.json: ">=22.19"
 */
export function satisfies(version, range) {
  if (!range.startsWith('>=')) throw new Error(`only ">=" is understood in engines, not ${range}`);
  const have = parseVersion(version);
  const least = parseVersion(range.slice(2));
  const differs = have.findIndex((part, index) => part !== least[index]);
  return differs === -1 || Number(have[differs]) > Number(least[differs]);
}
