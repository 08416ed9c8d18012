import type { Duplex } from 'node:stream';
import type { WorkspaceKey } from '../../names/workspace-key.ts';

/**
 * A Unix socket in each lab's container, for as long as a session is open in it. Whoever connects there is in that container,
 * so their workspace is known; what they say is answered by whoever implements this.
 */
export interface LabDoor {
  /** The folder in the container in which the sockets are; the lab's user may write there. */
  readonly folder: string;
  /** Answers what is said on this stream, and ends it. The gateway ends it with its session. */
  connect(key: WorkspaceKey, stream: Duplex): void;
}
