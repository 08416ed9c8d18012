/** What one container or one node may use; kept over stop and start. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memory: number;
  /** Cores; 1.5 is one and a half. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly pids: number;
}
