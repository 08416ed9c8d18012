import type { FrontConnection } from '../../../containerssh/front-sessions.ts';
import { workspaceLabels, workspaceOfLabels } from '../../../docker-engine/workspace-labels.ts';
import type { InstanceId } from '../../../names/instance-id.ts';

/** On a container of a front: whose connection it is, so that a factory that was killed knows it again. */
const LABEL = {
  connection: 'ssh-lab-factory.connection',
  address: 'ssh-lab-factory.client-address',
  program: 'ssh-lab-factory.client-program',
} as const;

export function frontLabels(instance: InstanceId, connection: FrontConnection): Record<string, string> {
  return {
    ...workspaceLabels(instance, connection.key, 'front'),
    [LABEL.connection]: connection.id,
    [LABEL.address]: connection.clientAddress,
    [LABEL.program]: connection.clientProgram,
  };
}

/** Undefined where the labels name no workspace. `fallback`: the connection's id where they name none. */
export function connectionOfLabels(
  labels: Readonly<Record<string, string>>,
  fallback: string,
): FrontConnection | undefined {
  const key = workspaceOfLabels(labels);
  if (key === undefined) return undefined;
  return {
    id: labels[LABEL.connection] ?? fallback,
    key,
    clientAddress: labels[LABEL.address] ?? '',
    clientProgram: labels[LABEL.program] ?? '',
  };
}
