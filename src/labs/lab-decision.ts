import type { LabName } from '../names/lab-name.ts';
import type { Login } from '../names/login.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { LabDefinition } from './lab-definition.ts';

export type LabDecision =
  | {
      readonly kind: 'lab';
      readonly key: WorkspaceKey;
      readonly lab: LabDefinition;
      /** What else the user may use. */
      readonly others: readonly LabName[];
    }
  /** The login names no lab and the user has several. */
  | { readonly kind: 'choose'; readonly labs: readonly LabDefinition[] }
  /** `message`: a sentence for the user. */
  | { readonly kind: 'refused'; readonly message: string };

/** Which lab an authenticated login leads to. */
export interface LabAccess {
  resolve(login: Login): LabDecision;
}
