import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { FactoryError } from '../errors/factory-error.ts';

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
    throw new FactoryError('CONFIG_INVALID', 'The ready file can not be written; mend --ready-file.', {
      cause,
    });
  }
  return {
    async [Symbol.asyncDispose]() {
      const now = await readFile(path, 'utf8').catch(() => undefined);
      if (now === text) await rm(path, { force: true });
    },
  };
}
