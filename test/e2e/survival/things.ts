import { eventually } from '../harness/eventually.ts';
import { hostKubectl } from '../harness/host-kubectl.ts';
import { kubectl } from '../harness/kubectl.ts';
import { CommandFailed } from '../harness/student.ts';
import { readInPod, resolveInPod, VOLUMES } from './bare-pod.ts';
import type { SurvivalWorld } from './world.ts';

/** Something of a workspace that a student may want to find again. */
export interface Thing {
  /** As docs/what-survives.md has it. */
  readonly name: string;
  /** What a student can see of it. It is kept where they see the same afterwards; what they see of one that is gone is an error. */
  readonly look: (world: SurvivalWorld) => Promise<string>;
  /** It lives in memory alone, and is made anew before each trial. */
  readonly volatile?: boolean;
}

/** By what the student types in their container. */
function inContainer(name: string, command: string): Thing {
  return { name, look: ({ alice }) => alice.run(command) };
}

function inMemory(name: string, command: string): Thing {
  return { ...inContainer(name, command), volatile: true };
}

/** By what their kubectl says. */
function inCluster(name: string, command: string): Thing {
  return { name, look: ({ alice }) => kubectl(alice, command) };
}

const NODE_ADDRESS = `-o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}'`;

/** In the order of the table. */
export const THINGS: readonly Thing[] = [
  inContainer('files in the home', 'cat ~/kept'),
  inContainer('files elsewhere in the container', 'cat /opt/kept'),
  inContainer('files in `/tmp`', 'cat /tmp/kept'),
  inContainer('packages installed with `apt-get`', 'kept-tool && dpkg -s kept-tool'),
  inContainer("a crontab's file", 'sudo cat /var/spool/cron/crontabs/lab'),
  inMemory('files in `/dev/shm`', 'cat /dev/shm/kept'),
  inMemory('processes and daemons', 'pgrep -f ^kept-process'),
  inMemory('`tmux` sessions', "tmux list-sessions -F '#{session_name} #{session_created}'"),
  inMemory('ports that programs listen on', 'nc -z 127.0.0.1 7777'),
  inContainer('the environment that the lab gives', "env | grep -E '^(LAB_|LANG|EDITOR|PATH)' | sort"),
  inContainer(
    '`kubectl` with nothing set up',
    "kubectl config view --raw -o jsonpath='{.clusters}' && kubectl get namespaces -o name",
  ),
  {
    name: 'Deployments, and the app behind the Ingress',
    look: async (world) => {
      await world.appAnswers();
      return kubectl(world.alice, "get deployment app -o jsonpath='{.metadata.uid}'");
    },
  },
  inCluster(
    'bare pods',
    "get pod bare -o jsonpath='{.metadata.uid} {.status.phase} {.status.containerStatuses[0].ready}'",
  ),
  { name: 'data in a PersistentVolumeClaim', look: ({ alice }) => readInPod(alice, `${VOLUMES.claim}/word`) },
  { name: 'data in an `emptyDir`', look: ({ alice }) => readInPod(alice, `${VOLUMES.emptyDir}/word`) },
  {
    name: 'data in an `emptyDir` of `medium: Memory`',
    look: ({ alice }) => readInPod(alice, `${VOLUMES.memory}/word`),
  },
  inCluster('Secrets and ConfigMaps', "get secret/kept configmap/kept -o jsonpath='{.items[*].data.word}'"),
  inCluster('CronJobs', "get cronjob every-minute -o jsonpath='{.metadata.uid} {.spec.suspend}'"),
  inCluster('ClusterIPs of Services', "get services -A -o jsonpath='{.items[*].spec.clusterIP}'"),
  {
    name: 'addresses of the nodes',
    look: async ({ alice, workspace }) =>
      `${await workspace.nodeAddress()} ${await kubectl(alice, `get nodes ${NODE_ADDRESS}`)}`,
  },
  {
    name: 'DNS names of Services in pods',
    look: ({ alice }) => resolveInPod(alice, 'app.default.svc.cluster.local'),
  },
  {
    name: 'DNS names of nodes in pods',
    look: async ({ alice, workspace }) => resolveInPod(alice, (await workspace.node()).Name.slice(1)),
  },
  {
    name: 'the certificates, and a kubeconfig saved with `@kubeconfig`',
    look: ({ kubeconfig }) => hostKubectl(kubeconfig, 'get', 'namespaces', '-o', 'name'),
  },
];

/** How long what is not seen as it should be is looked at again, all things together; ms. */
const LOOK_AGAIN = 180_000;

type Enough = (thing: string, text: string | undefined) => boolean;

const isThere: Enough = (_thing, text) => text !== undefined;

/**
 * What is to be seen of everything; a thing that cannot be looked at is undefined. A look may fail once on a busy machine, so it is repeated
 * until what it sees is `enough`; what is not by then is told as it was seen.
 */
export async function lookAround(
  world: SurvivalWorld,
  things: readonly Thing[] = THINGS,
  enough: Enough = isThere,
): Promise<ReadonlyMap<string, string | undefined>> {
  const deadline = Date.now() + LOOK_AGAIN;
  const seen = new Map<string, string | undefined>();
  for (const thing of things) {
    let last: { readonly text: string | undefined } | undefined;
    const look = async () => {
      last = { text: await textOf(thing, world) };
      return enough(thing.name, last.text);
    };
    await eventually(look, {
      what: `it is seen: ${thing.name}`,
      within: Math.max(0, deadline - Date.now()),
      every: 1_000,
    }).catch((error: unknown) => {
      if (last === undefined) throw error;
    });
    seen.set(thing.name, last?.text);
  }
  return seen;
}

/** Undefined: it cannot be looked at. Rejects where nobody came in to look, which says nothing of the thing. */
async function textOf({ look }: Thing, world: SurvivalWorld): Promise<string | undefined> {
  return look(world).catch((error: unknown) => {
    if (error instanceof CommandFailed && !error.cameIn) throw error;
    return undefined;
  });
}
