import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerEngine, type DockerEngine } from '../docker-engine.ts';

/** An engine that answers as `answer` does. */
export async function pretendEngine(
  answer: RequestListener,
): Promise<AsyncDisposable & { engine: DockerEngine }> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const socketPath = join(folder, 'docker.sock');
  const server = createServer(answer).listen(socketPath);
  await once(server, 'listening');
  return {
    engine: createDockerEngine({ socketPath }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true });
    },
  };
}
