import { isMissing } from '../errors/system-refusal.ts';

/**
 * What a file or folder is asked, and `missing` where there is no such thing. Rejects where that could not be found out, as with
 * too many open files or a disk that fails: a record that is not read then is there all the same.
 */
export async function unlessMissing<T, M>(asked: Promise<T>, missing: M): Promise<T | M> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}
