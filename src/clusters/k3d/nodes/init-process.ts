import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';

/** With cgroup v2 k3s has to be process 1 of its node: see `runK3d`. */
export async function k3sIsInit(engine: DockerEngine, signal: AbortSignal): Promise<boolean> {
  const info: { CgroupVersion?: string } = await engine.call({
    what: 'tell about itself',
    signal,
    request: (docker) => docker.info(),
  });
  return info.CgroupVersion === '2';
}
