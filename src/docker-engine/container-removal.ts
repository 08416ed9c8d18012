import type { DockerEngine } from './docker-engine.ts';

export interface ContainerRemoval {
  /** For messages: "remove the node". */
  readonly what: string;
  /** ms */
  readonly timeout: number;
  /** With its anonymous volumes. */
  readonly volumes: boolean;
}

/** Removes a container by its name or id, whatever it is doing; it need not be there. 409: another removal of it is under way. */
export async function forceRemove(
  engine: DockerEngine,
  container: string,
  { what, timeout, volumes }: ContainerRemoval,
  signal: AbortSignal,
): Promise<void> {
  await engine.callUnless([404, 409], {
    what,
    signal,
    timeout,
    request: (docker, abortSignal) =>
      docker.getContainer(container).remove({ force: true, v: volumes, abortSignal }),
  });
}
