import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { DockerEngine } from './docker-engine.ts';

/** Beside its content an archive of one file has its header; bytes. */
const HEADERS = 16 * 1024;

/**
 * The content of one file of a container, running or not, without a process in it; undefined where there is none, where it is no
 * regular file, or has more than `longest` bytes: who is root in there may put anything in its place.
 */
export async function readContainerFile(
  engine: DockerEngine,
  {
    container,
    path,
    longest,
  }: { readonly container: string; readonly path: string; readonly longest: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const archive = await engine.callUnless([404], {
    what: `read ${path} of a container`,
    signal,
    request: async (docker, abortSignal) => {
      const stream = await docker.getContainer(container).getArchive({ path, abortSignal });
      return bounded(stream, longest + HEADERS);
    },
  });
  if (archive === undefined) return undefined;
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const isWanted = entry.header.type === 'file' && (entry.header.size ?? 0) <= longest;
    return isWanted ? await buffer(entry) : undefined;
  }
  return undefined;
}

async function bounded(stream: AsyncIterable<string | Buffer>, longest: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Leaving the loop ends the stream.
    if (size > longest) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
