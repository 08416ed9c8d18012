import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/** The last `lines` lines that the node's container wrote on both outputs, those since `since`; none where it is gone. */
export async function readNodeLog(
  engine: DockerEngine,
  node: Pick<ClusterNode, 'id'>,
  lines: number,
  signal: AbortSignal,
  since: Date = new Date(0),
): Promise<readonly string[]> {
  const log = await engine.callUnless([404, 409], {
    what: "read the node's log",
    signal,
    request: (docker, abortSignal) =>
      docker.getContainer(node.id).logs({
        stdout: true,
        stderr: true,
        tail: lines,
        since: since.getTime() / 1000,
        follow: false,
        abortSignal,
      }),
  });
  return linesOf(log ?? Buffer.alloc(0));
}

/** Takes Docker's frames off (Engine API, attach, "stream format": 8 bytes before each, the size in the last four). */
function linesOf(framed: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 8 <= framed.length; ) {
    const size = framed.readUInt32BE(at + 4);
    texts.push(framed.toString('utf8', at + 8, at + 8 + size));
    at += 8 + size;
  }
  return texts.join('').split('\n').filter(Boolean);
}
