import { archiveOf } from '../../../docker-engine/container-entries.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';

/** Writes a file into a node, whether it runs or not. `path`: absolute. */
export async function putFile(
  engine: DockerEngine,
  container: string,
  { path, text }: { readonly path: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  const archive = await archiveOf([{ path, mode: 0o644, content: text }]);
  await engine.call({
    what: 'put files into the node',
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(container).putArchive(archive, { path: '/', abortSignal }),
  });
}
