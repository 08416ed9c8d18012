import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { pipeline as flow } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { z } from 'zod';

/** How an archive of a backup is recognised; `bytes` and `sha256` are of the file as it lies there, compressed. */
export const archiveSumSchema = z.strictObject({
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type ArchiveSum = z.output<typeof archiveSumSchema>;

/** Writes a tar stream, compressed with zstd, to a new file that only its owner can read; on disk when this resolves. */
export async function writeArchive(file: string, source: Readable, signal: AbortSignal): Promise<ArchiveSum> {
  const meter = sumMeter();
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  await flow(source, createZstdCompress(), meter.pass, target, { signal });
  return meter.sum();
}

/** The sum of the file as it is now. */
export async function sumOf(file: string, signal: AbortSignal): Promise<ArchiveSum> {
  const meter = sumMeter();
  await flow(createReadStream(file), meter.pass, new PassThrough().resume(), { signal });
  return meter.sum();
}

/** The tar stream in the file; it breaks where the file is cut off. Whoever takes it reads it to its end or destroys it. */
export function readArchive(file: string): Readable {
  // The callback keeps the error of either from being nobody's; whoever reads gets it as well.
  return pipeline(createReadStream(file), createZstdDecompress(), () => {});
}

function sumMeter() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async *pass(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    sum: (): ArchiveSum => ({ bytes, sha256: hash.digest('hex') }),
  };
}
