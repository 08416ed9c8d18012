/** The memory of the host that the workspaces run on. */
export interface HostMemory {
  /** What programs can still take without others being pushed out, bytes; undefined where nobody can tell. */
  available(signal: AbortSignal): Promise<number | undefined>;
}
