import { freemem, platform } from 'node:os';

/**
 * The memory that programs on the engine's host can still take, bytes (on Linux what /proc/meminfo calls MemAvailable). Undefined
 * where the engine runs in a machine of its own, as with Docker Desktop.
 */
export async function availableHostMemory(): Promise<number | undefined> {
  return platform() === 'linux' ? freemem() : undefined;
}
