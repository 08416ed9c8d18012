import { FactoryError } from '../../../errors/factory-error.ts';
import { addressIn, parseRange } from '../../../subnets/ipv4-range.ts';

/**
 * The addresses of a cluster's /28. Docker gives its gateway the first; k3d keeps the second for its short-lived tools
 * container and gives the server the third (pkg/client/ip.go: the lowest that is free); the agents get the next ones from
 * us, and the lab container has the last. Docker itself hands out the lowest that is free, so it never gets that far.
 */
export interface ClusterNetwork {
  /** "10.209.1.16/28" */
  readonly cidr: string;
  readonly gateway: string;
  readonly server: string;
  /** Of the agent with this number, from 0 to `MOST_AGENTS` - 1. */
  agent(number: number): string;
  readonly labContainer: string;
  /** An address of 127.0.0.0/8 for k3d to publish the API on: nobody else's, so no port is ever fought over. */
  readonly loopback: string;
}

export const MOST_AGENTS = 10;

/** The port of the Kubernetes API on `ClusterNetwork.loopback`. */
export const LOOPBACK_API_PORT = 26443;

export function clusterNetwork(cidr: string): ClusterNetwork {
  const range = parseRange(cidr);
  if (range?.prefix !== 28) {
    throw new FactoryError(
      'CLUSTER_FAILED',
      'The network of the cluster is not one of ours; reset the cluster.',
      {
        detail: `subnet ${cidr}`,
      },
    );
  }
  const server = addressIn(range, 3);
  return {
    cidr,
    gateway: addressIn(range, 1),
    server,
    agent: (number) => addressIn(range, 4 + number),
    labContainer: addressIn(range, 14),
    loopback: server.replace(/^\d+/, '127'),
  };
}
