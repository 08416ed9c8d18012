import Docker from 'dockerode';
import { traefikName } from '../../../src/routing/traefik-options.ts';
import { freePort } from '../../e2e/harness/taken-port.ts';
import type { Edge } from './edge.ts';

export interface AnotherTraefik extends AsyncDisposable {
  /** The port of its HTTP. */
  readonly http: number;
}

/** Made as the edge's own, with the same routes, and with these options besides. */
export async function startAnotherTraefik(edge: Edge, options: readonly string[]): Promise<AnotherTraefik> {
  const docker = new Docker();
  const { Config, HostConfig, Image } = await docker.getContainer(traefikName(edge.instance)).inspect();
  const given: readonly string[] = Config.Cmd;
  const ports = new Map<number, number>();
  for (const port of Object.values(edge.traefik.ports)) ports.set(port, await freePort());
  const moved = given.map((option) =>
    option.replace(/(?<=address=127\.0\.0\.1:)\d+$/, (port) => String(ports.get(Number(port)))),
  );
  const container = await docker.createContainer({
    Image,
    Cmd: [...moved, ...options],
    Labels: Config.Labels,
    // Nobody starts it again where this test is cut off.
    HostConfig: { ...HostConfig, RestartPolicy: { Name: 'no' } },
  });
  await container.start();
  return {
    http: ports.get(edge.traefik.ports.http) ?? 0,
    [Symbol.asyncDispose]: () => container.remove({ force: true }),
  };
}
