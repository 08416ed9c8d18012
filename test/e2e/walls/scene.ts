import { join } from 'node:path';
import { z } from 'zod';
import { LABEL } from '../../../src/names/docker-names.ts';
import { TRAEFIK_LABEL } from '../../../src/routing/traefik-options.ts';
import { bridgeAddress } from '../harness/client-machine.ts';
import { NO_DOCKER } from '../harness/cluster-service.ts';
import { containersWith } from '../harness/docker.ts';
import { Factory } from '../harness/factory.ts';
import { CLUSTER_LAB } from '../harness/factory-files.ts';
import type { LabFile } from '../harness/factory-options.ts';
import { clusterOfUse } from '../harness/kubectl.ts';
import { LAB_IMAGE } from '../harness/set-up.ts';
import type { Student } from '../harness/student.ts';
import { HostListeners } from './host-listeners.ts';
import { LoopDevice } from './loop-device.ts';
import { MetadataAddress } from './metadata-address.ts';
import { meet, type Party } from './party.ts';
import { PROCESSES_IN_LAB } from './place.ts';
import { makePods } from './pods.ts';

/** Two students with a cluster each, one of whom tries things. */
export interface Scene extends AsyncDisposable {
  readonly factory: Factory;
  readonly alice: Student;
  /** What she has, and what her neighbour has. */
  readonly hers: Party;
  readonly his: Party;
  readonly host: HostListeners;
  /** Path of the operator's socket. */
  readonly controlSocket: string;
  /** Path of the one on which the process with the Docker socket is asked. */
  readonly clustersSocket: string;
  /** `host:port` of Traefik's API. */
  readonly traefikApi: string;
  /** Undefined where the test may not make one. */
  readonly device: LoopDevice | undefined;
  readonly metadata: MetadataAddress | undefined;
}

/** What is tried must not fail for want of processes, nor what is typed at the same time for want of a login. */
const ROOMY_LAB: LabFile = {
  ...CLUSTER_LAB,
  container: {
    image: LAB_IMAGE,
    user: 'lab',
    limits: { memory: '512Mi', cpus: 1, pids: PROCESSES_IN_LAB },
  },
};

/** Ends what it has made so far where it fails. */
export async function openScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  // Where students reach it: of what listens on the loopback they would not learn what it has at its doors.
  const door = `${await bridgeAddress()}:0`;
  const factory = stack.use(
    await Factory.start({
      labs: { k3s: ROOMY_LAB },
      config: { routes: { http: door, https: door, kube: door } },
      // Both its sockets are there to be tried then.
      split: true,
      env: { DOCKER_HOST: NO_DOCKER },
    }),
  );
  const [alice, bob] = [await factory.student('alice'), await factory.student('bob')];
  for (const session of await Promise.all([alice.hold(), bob.hold()])) stack.use(session);
  await Promise.all([clusterOfUse(alice), clusterOfUse(bob)]);
  await makePods(alice);
  const [hers, his] = await Promise.all([meet(factory, alice), meet(factory, bob)]);
  const parts = {
    factory,
    alice,
    hers,
    his,
    host: stack.use(await HostListeners.open()),
    clustersSocket: join(factory.folder, 'data-clusters', 'clusters.sock'),
    controlSocket: join(factory.folder, 'data', 'control.sock'),
    traefikApi: await traefikApiOf(factory),
    device: LoopDevice.possible ? stack.use(await LoopDevice.make(factory.folder)) : undefined,
    metadata: MetadataAddress.possible ? stack.use(await MetadataAddress.find()) : undefined,
  };
  const kept = stack.move();
  return { ...parts, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function traefikApiOf(factory: Factory): Promise<string> {
  const labels = [`${LABEL.instance}=${await factory.instance()}`, `${LABEL.role}=traefik`];
  const [traefik] = await containersWith(...labels);
  const ports = traefik?.Config.Labels?.[TRAEFIK_LABEL.ports] ?? '{}';
  return `127.0.0.1:${z.object({ api: z.number() }).parse(JSON.parse(ports)).api}`;
}
