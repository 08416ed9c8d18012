import type { Logger } from '../logging/logger.ts';

/** Of one session. Its variables are one argument of a program, of which Linux takes 128 KiB; the lab's own are in it as well. */
export const SESSION_ENV = {
  mostVariables: 256,
  name: /^[A-Za-z_][A-Za-z0-9_]{0,255}$/,
  /** Bytes. */
  longestValue: 32 * 1024,
  /** Of all, as `settingOf` writes them; bytes. */
  longest: 64 * 1024,
} as const;

/** One variable as an argument of SetEnv in sshd_config(5); of several lines where its value has them. */
export function settingOf(name: string, value: string): string {
  return `"${name}=${value.replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * What of these variables a session can have. What is too much is left out and named in the log: a login must not fail for what
 * somebody else put there.
 */
export function sessionEnv(
  env: Readonly<Record<string, string>>,
  logger: Logger,
): Readonly<Record<string, string>> {
  const taken: [string, string][] = [];
  const left: string[] = [];
  let size = 0;
  for (const [name, value] of Object.entries(env)) {
    const length = Buffer.byteLength(settingOf(name, value)) + 1;
    if (
      !isSettable(name, value) ||
      taken.length === SESSION_ENV.mostVariables ||
      size + length > SESSION_ENV.longest
    ) {
      left.push(name.slice(0, 64));
      continue;
    }
    size += length;
    taken.push([name, value]);
  }
  if (left.length > 0) {
    const some = { variables: left.slice(0, 20), count: left.length };
    logger.warn(some, 'variables of a session were left out: their names or sizes can not be set');
  }
  return Object.fromEntries(taken);
}

function isSettable(name: string, value: string): boolean {
  return (
    SESSION_ENV.name.test(name) &&
    !value.includes('\0') &&
    Buffer.byteLength(value) <= SESSION_ENV.longestValue
  );
}
