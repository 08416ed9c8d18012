import { addAbortSignal } from 'node:stream';
import { z } from 'zod';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { refusalStatus } from '../docker-engine/docker-failure.ts';
import { jsonLines } from '../docker-engine/json-lines.ts';
import { asReadable } from '../docker-engine/readable.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Progress } from '../workspaces/ports/progress.ts';
import { withTag } from './image-name.ts';
import { PullTotals } from './pull-totals.ts';

/** Docker Engine API, "Create an image": one object a line. */
const MESSAGE = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
});

const CONNECT_TIMEOUT = 60_000;
/** A pull that says nothing for so long is given up. */
const SILENCE_TIMEOUT = 120_000;

/** Pulls `image`. Rejects with `IMAGE_UNAVAILABLE`, `DOCKER_UNAVAILABLE`, or the reason of `signal`. */
export async function pullImage(
  engine: DockerEngine,
  image: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress(`pulling ${image}`);
  const opened = await engine
    .call({
      what: `pull ${image}`,
      signal,
      timeout: CONNECT_TIMEOUT,
      request: (docker, abortSignal) => docker.pull(withTag(image), { abortSignal }),
    })
    .catch((thrown: unknown) => {
      const silent = thrown instanceof FactoryError && thrown.code === 'TIMED_OUT';
      throw silent || refusalStatus(thrown) !== undefined ? unavailable(image, thrown) : thrown;
    });
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_TIMEOUT);
  try {
    const stream = addAbortSignal(AbortSignal.any([signal, silence.signal]), asReadable(opened));
    const totals = new PullTotals();
    for await (const line of jsonLines(stream)) {
      timer.refresh();
      const message = MESSAGE.safeParse(line);
      if (!message.success) continue;
      if (message.data.error !== undefined) throw unavailable(image, new Error(message.data.error));
      const text = totals.add(message.data);
      if (text !== undefined) progress(`pulling ${image}, ${text}`);
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof FactoryError ? thrown : unavailable(image, thrown);
  } finally {
    clearTimeout(timer);
  }
}

export function unavailable(image: string, cause: unknown): FactoryError {
  return new FactoryError(
    'IMAGE_UNAVAILABLE',
    `The image ${image} is not on this machine and cannot be pulled; try \`docker pull ${image}\`, or bring it with \`docker load\`.`,
    { cause, ...(cause instanceof Error && { detail: cause.message }) },
  );
}
