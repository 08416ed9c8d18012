import { FactoryError } from '../errors/factory-error.ts';
import { isLasting } from '../errors/system-refusal.ts';

/**
 * Of something in the data folder, "The control socket", that the system refuses: `CONFIG_INVALID` where only a person can mend that,
 * `DATA_FOLDER_UNAVAILABLE` where it may pass.
 */
export function dataFolderFailure(what: string, cause: unknown): FactoryError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (isLasting(cause)) {
    const message = `${what}; mend the rights of the data folder, or set "data".`;
    return new FactoryError('CONFIG_INVALID', message, { cause, detail });
  }
  const message = `${what} at this moment: its disk is full or does not answer, or the machine is short of memory or open files. Mend that, and try again.`;
  return new FactoryError('DATA_FOLDER_UNAVAILABLE', message, { cause, detail });
}
