import type { LabName } from '../../names/lab-name.ts';
import type { Username } from '../../names/username.ts';
import type { LabChoice } from '../picker/picker.ts';
import type { ConnectionServices } from './connection-services.ts';

/** The labs of these names that the user may use now, with the state of the user's workspace in each. */
export function labRows(
  user: Username,
  names: readonly LabName[],
  { labAccess, workspaces }: Pick<ConnectionServices, 'labAccess' | 'workspaces'>,
): readonly LabChoice[] {
  return names.flatMap((name) => {
    const decision = labAccess.resolve({ user, lab: name });
    if (decision.kind !== 'lab') return [];
    const { lab, key } = decision;
    return [{ name, description: lab.description, state: workspaces.glance(key) }];
  });
}
