import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';

/** Writes a file into a node, whether it runs or not. `path`: absolute. */
export async function putFile(
  engine: DockerEngine,
  container: string,
  file: { readonly path: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  const archive = pack();
  archive.entry({ name: file.path.slice(1), mode: 0o644 }, file.text);
  archive.finalize();
  const files = await buffer(archive);
  await engine.call({
    what: 'put files into the node',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(container).putArchive(files, { path: '/', abortSignal }),
  });
}
