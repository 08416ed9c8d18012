import type { ClusterCommandIo } from './cluster-command.ts';

/** What can be typed after a failure with this code, to stand behind its sentence; empty where nothing helps. */
export function failureAdvice(code: string, name: ClusterCommandIo['name']): string {
  switch (code) {
    case 'CLUSTER_FAILED':
    case 'CLUSTER_BROKEN':
      return ` If it does not come back, make a new one: ${name} reset`;
    case 'CLUSTER_ASLEEP':
      return ` Wake it: ${name} start`;
    case 'CLUSTER_NOT_READY':
      return ` Wait for it: ${name} status --wait`;
    case 'NODE_UNKNOWN':
      return ` The nodes that there are: ${name} node list`;
    default:
      return '';
  }
}
