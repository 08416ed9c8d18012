import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Given, LabDefinition } from './lab-definition.ts';

/** A session, for templates. */
export interface SessionFacts {
  readonly id: string;
  /** "192.0.2.7:50122" */
  readonly clientAddress: string;
}

/** Labs as one user gets them: the overrides of their groups, and the templates rendered. */
export interface LabResolver {
  /**
   * Undefined: there is no such lab. Who may use it is not looked at. Throws `LAB_INVALID` where a template becomes something that
   * may not stand there.
   */
  resolve(key: WorkspaceKey, given: Given): LabDefinition | undefined;
  /** `container.env` with all that mentions the session. Throws as `resolve`. */
  sessionEnv(key: WorkspaceKey, given: Given, session: SessionFacts): Readonly<Record<string, string>>;
}
