import type { IncomingMessage } from 'node:http';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** The workspace in whose container the asker is. */
export type WorkspaceOf = (request: IncomingMessage) => WorkspaceKey;
