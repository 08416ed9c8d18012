import { randomUUID } from 'node:crypto';
import { access, constants, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';

/** To be called before anything is started. Rejects with `CONFIG_INVALID` where the file's folder is missing or not ours. */
export async function assertReadyFileWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(cause);
  }
}

/**
 * Writes `content` as JSON, for whoever waits until everything answers. It is there all at once: whoever sees the file sees it
 * whole. Disposing removes it, unless another factory has written its own there since. Rejects with `CONFIG_INVALID`.
 */
export async function writeReadyFile(path: string, content: object): Promise<AsyncDisposable> {
  const text = `${JSON.stringify(content)}\n`;
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unwritable(cause);
  }
  return {
    async [Symbol.asyncDispose]() {
      const now = await readFile(path, 'utf8').catch(() => undefined);
      if (now === text) await rm(path, { force: true });
    },
  };
}

function unwritable(cause: unknown): FactoryError {
  return new FactoryError('CONFIG_INVALID', 'The ready file can not be written; mend --ready-file.', {
    cause,
  });
}
