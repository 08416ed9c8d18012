import { FactoryError } from '../../../errors/factory-error.ts';
import { addressIn, parseRange } from '../../../subnets/ipv4-range.ts';

/**
 * The addresses of a cluster's /28. Docker gives its gateway the first; k3d keeps the second for its short-lived tools
 * container and gives the first server the third (pkg/client/ipam.go: the lowest that is free). The agents get the next ones
 * from us, further servers those before the last, downwards, and the lab container has the last. Docker itself hands out the
 * lowest that is free, so it never gets that far.
 */
export interface ClusterNetwork {
  /** "10.209.1.16/28" */
  readonly cidr: string;
  readonly gateway: string;
  /** Of the first server, which is the one that everybody is given. */
  readonly server: string;
  /** Of a server beside the first; their numbers begin with 1. */
  furtherServer(number: number): string;
  /** Of the agent with this number, from 0. */
  agent(number: number): string;
  readonly labContainer: string;
  /** An address of 127.0.0.0/8 for k3d to publish the API on: nobody else's, so no port is ever fought over. */
  readonly loopback: string;
}

const LAB_CONTAINER = 14;

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
    furtherServer: (number) => addressIn(range, LAB_CONTAINER - number),
    agent: (number) => addressIn(range, 4 + number),
    labContainer: addressIn(range, LAB_CONTAINER),
    loopback: server.replace(/^\d+/, '127'),
  };
}
