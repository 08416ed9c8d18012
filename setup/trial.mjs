// @ts-check

/** For a machine that is busy, and one that is busier; ms. */
const LIMITS = [20_000, 60_000, 180_000];

/** @type {ReadonlySet<NodeJS.Signals>} By these others end a program: a person, the system that goes down or has no memory left. */
const FROM_OTHERS = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL']);

/**
 * Whether a program does what it should. Undefined where no run of it came to an end of its own, which is no reason to remove anything.
 * @param {Pick<import('./programs.mjs').Programs, 'attempt'>} programs
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<boolean | undefined>}
 */
export async function works(programs, file, args) {
  for (const timeout of LIMITS) {
    const { code, signal } = await programs.attempt(file, args, { timeout });
    if (code === 124) continue;
    return signal !== undefined && FROM_OTHERS.has(signal) ? undefined : code === 0;
  }
  return undefined;
}
