import type { Readable } from 'node:stream';
import type { DockerEngine } from './docker-engine.ts';
import { dockerTimeout } from './docker-failure.ts';
import { asReadable } from './readable.ts';

/** The archive of a large folder takes as long as it takes; one that does not move is given up. ms */
const STALLED = 120_000;
const LONGEST = 24 * 60 * 60_000;

/**
 * The content of the folder `path` of a container, running or not, as a tar stream whose names begin with "./". Volumes are
 * part of it. Undefined where there is no such folder, or no such container.
 */
export async function readFolder(
  engine: DockerEngine,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<Readable | undefined> {
  const stream = await engine.callUnless([404], {
    what: `read ${path} of a container`,
    signal,
    timeout: STALLED,
    request: (docker, abortSignal) =>
      docker.getContainer(container).getArchive({ path: `${path}/.`, abortSignal }),
  });
  if (stream === undefined) return undefined;
  const readable = asReadable(stream);
  const watch = stallWatch(`read ${path} of a container`, (error) => readable.destroy(error));
  readable.on('data', watch.moved).on('close', watch.end).pause();
  return readable;
}

/** Unpacks `source` into the folder `path` of a container, which must be there. Rejects with what `source` fails with, too. */
export async function writeFolder(
  engine: DockerEngine,
  container: string,
  path: string,
  source: Readable,
  signal: AbortSignal,
): Promise<void> {
  const what = `write ${path} of a container`;
  const broken = new AbortController();
  const watch = stallWatch(what, (error) => broken.abort(error));
  source
    .on('data', watch.moved)
    .on('error', (error) => broken.abort(error))
    .pause();
  try {
    await engine.call({
      what,
      signal: AbortSignal.any([signal, broken.signal]),
      timeout: LONGEST,
      request: (docker, abortSignal) =>
        docker.getContainer(container).putArchive(source, { path, abortSignal }),
    });
  } finally {
    watch.end();
    source.destroy();
  }
}

function stallWatch(what: string, onStall: (error: Error) => void) {
  const timer = setTimeout(stalled, STALLED);
  function stalled(): void {
    onStall(dockerTimeout(what, STALLED));
  }
  return {
    moved: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
}
