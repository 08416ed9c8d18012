import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { type Ipv4Range, parseRange } from './ipv4-range.ts';

/** An IPv4 range that a Docker network has. */
export interface DockerRange {
  readonly network: string;
  readonly range: Ipv4Range;
}

/** Rejects with what Docker's calls reject with. */
export async function dockerRanges(
  engine: DockerEngine,
  signal: AbortSignal,
): Promise<readonly DockerRange[]> {
  const networks = await engine.call({
    what: 'list its networks',
    signal,
    request: (docker, abortSignal) => docker.listNetworks({ abortSignal }),
  });
  return networks.flatMap(({ Name, IPAM }) =>
    (IPAM?.Config ?? []).flatMap(({ Subnet }) => {
      const range = parseRange(Subnet ?? '');
      return range === undefined ? [] : [{ network: Name, range }];
    }),
  );
}
