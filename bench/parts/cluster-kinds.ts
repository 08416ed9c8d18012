import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import type { LabFile } from '../../test/e2e/harness/factory-options.ts';

/** A lab whose clusters' memory is measured. */
export interface ClusterKind {
  /** Also the lab's name, and that of the one user who may use it. */
  readonly name: string;
  /** For the table. */
  readonly what: string;
  readonly lab: LabFile;
}

/** What a course seldom asks for: `kubectl top`, volumes that k3s makes, NetworkPolicies. */
const EXTRAS = ['--disable=metrics-server,local-storage', '--disable-network-policy'];
/** Traefik, what leads to it and installs it; and what k3s runs for `servicelb` as long as that is there. */
const INGRESS = ['--disable=traefik,servicelb', '--disable-helm-controller', '--disable-cloud-controller'];
/** The garbage collector of Go programs lets the heap grow by half instead of to the double. */
const THRIFT = { env: [{ envVar: 'GOGC=50', nodeFilters: ['server:*'] }] };

/** From the most memory to the least; each has DNS, and pods that reach each other. */
export const CLUSTER_KINDS: readonly ClusterKind[] = [
  { name: 'full', what: 'full: no options', lab: CLUSTER_LAB },
  { name: 'lean', what: 'lean, with an ingress', lab: labWith(EXTRAS) },
  { name: 'leanest', what: 'leanest: without an ingress, too', lab: labWith([...EXTRAS, ...INGRESS]) },
  {
    name: 'thrifty',
    what: 'leanest, with `GOGC=50`',
    lab: labWith([...EXTRAS, ...INGRESS], THRIFT),
  },
];

/** The same as `full`, and one agent. */
export const WITH_AGENT: ClusterKind = {
  name: 'agent',
  what: 'full, with one agent: the agent',
  lab: { ...CLUSTER_LAB, cluster: { agents: 1 } },
};

function labWith(args: readonly string[], cluster: LabFile = {}): LabFile {
  const extraArgs = args.map((arg) => ({ arg, nodeFilters: ['server:*'] }));
  return { ...CLUSTER_LAB, cluster: { ...cluster, options: { k3s: { extraArgs } } } };
}
