/** Rights, paths, names and addresses: the system refuses these until a person has changed something. */
const LASTING: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
  'EAFNOSUPPORT',
  'ENOTFOUND',
]);

/** Whether there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Whether the system will refuse this until a person changes something. All else may pass by itself: a full disk, a disk or a server
 * that does not answer, a port that another program holds, an address that this machine does not have yet.
 */
export function isLasting(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && LASTING.has(error.code);
}
