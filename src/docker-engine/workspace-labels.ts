import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';

/** `front`: made by a ContainerSSH in front for one connection. */
export type WorkspaceRole = 'container' | 'home' | 'network' | 'node' | 'front';

/** The labels of one Docker object of a workspace. */
export function workspaceLabels(
  instance: InstanceId,
  key: WorkspaceKey,
  role: WorkspaceRole,
): Record<string, string> {
  return {
    [LABEL.instance]: instance,
    [LABEL.user]: key.user,
    [LABEL.lab]: key.lab,
    [LABEL.role]: role,
  };
}

/** The workspace that a Docker object's labels name; undefined where they name none. */
export function workspaceOfLabels(
  labels: Readonly<Record<string, string | undefined>> | null | undefined,
): WorkspaceKey | undefined {
  return parseWorkspaceKey(labels?.[LABEL.user] ?? '', labels?.[LABEL.lab] ?? '');
}
