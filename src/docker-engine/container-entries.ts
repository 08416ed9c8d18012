import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { DockerEngine } from './docker-engine.ts';

/** A file or folder as it goes into a container. */
export interface ContainerEntry {
  /** Absolute. */
  readonly path: string;
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  /** Root where it is left out. */
  readonly owner?: UnixOwner;
  /** Undefined: it is a folder. */
  readonly content: string | Uint8Array | undefined;
}

export interface UnixOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts these into a container, running or not, without a process in it, one after the other. Docker resolves symbolic links within
 * the container, and none of it ever touches the host. What is in the place of a file is replaced, unless it is a folder: then
 * this rejects. Rejects with what Docker's calls reject with.
 */
export async function putEntries(
  engine: DockerEngine,
  container: string,
  entries: readonly ContainerEntry[],
  signal: AbortSignal,
): Promise<void> {
  const archive = await archiveOf(entries);
  await engine.call({
    what: 'put files into the container',
    signal,
    request: (docker, abortSignal) => {
      const options = { path: '/', noOverwriteDirNonDir: '1', abortSignal };
      return docker.getContainer(container).putArchive(archive, options);
    },
  });
}

/** As a tar archive whose root is the container's. */
export function archiveOf(entries: readonly ContainerEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, mode, owner = { uid: 0, gid: 0 }, content } of entries) {
    const name = path.slice(1);
    if (content === undefined) archive.entry({ name: `${name}/`, type: 'directory', mode, ...owner });
    else
      archive.entry({ name, mode, ...owner }, typeof content === 'string' ? content : Buffer.from(content));
  }
  archive.finalize();
  return buffer(archive);
}
