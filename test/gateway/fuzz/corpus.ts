import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readStream, type Stream } from './stream.ts';

const WRITTEN_STREAM = z.object({
  stage: z.enum(['connect', 'userauth', 'session', 'open', 'running']),
  variant: z.int(),
  steps: z.array(z.base64()),
});

/** Streams that once did harm, a file each; they are played first, in every run. */
export async function readCorpus(folder: string): Promise<Stream[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      return readStream(WRITTEN_STREAM.parse(JSON.parse(text)));
    }),
  );
}
