import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import type { InstanceId } from '../names/instance-id.ts';

/** Where backups are made and restored: one instance on one engine, with no factory running on it. */
export interface BackupSite {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  /** An image that is here, to reach volumes with. */
  readonly helperImage: string;
}
