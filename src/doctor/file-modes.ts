/** Bits of a file's mode, as stat(2) gives it. */
export const MODE = {
  /** Somebody besides the owner may read, write or enter. */
  anyOthers: 0o077,
  writableByGroup: 0o020,
  writableByWorld: 0o002,
} as const;

/** "0755" */
export function formatMode(mode: number): string {
  return `0${(mode & 0o777).toString(8).padStart(3, '0')}`;
}
