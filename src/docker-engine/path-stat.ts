import { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { DockerEngine } from './docker-engine.ts';

/** Docker Engine API, "Get information about files in a container": base64 of JSON in a header. */
const HEADER = 'x-docker-container-path-stat';

/** `linkTarget`: where a symbolic link leads in the end, as an absolute path in the container; else empty. */
const pathStatSchema = z.object({ linkTarget: z.string() });

export type PathStat = z.output<typeof pathStatSchema>;

/** A look at one path in a container, without a process in it; undefined where there is nothing. */
export async function pathStat(
  engine: DockerEngine,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<PathStat | undefined> {
  const answer = await engine.callUnless([404], {
    what: 'look into the container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(container).infoArchive({ path, abortSignal }),
  });
  if (!(answer instanceof IncomingMessage)) return undefined;
  answer.resume();
  const header = answer.headers[HEADER];
  if (typeof header !== 'string') return undefined;
  return pathStatSchema.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
}
