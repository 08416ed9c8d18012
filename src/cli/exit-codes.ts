import type { ErrorCode } from '../errors/error-codes.ts';

/**
 * EX_CONFIG of sysexits.h: something the operator wrote is wrong, and nothing was started. systemd does not try again then
 * (`src/cli/systemd/unit-file.ts`), so what may pass by itself, as a port that another program holds does, has another.
 */
const EX_CONFIG = 78;

/** As `systemctl status` says it of a service that does not run (LSB, "Init Script Actions"). */
const NOT_RUNNING = 3;

const CONFIG_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'LAB_INVALID',
  'DATA_FOLDER_NEWER',
  'DATA_FOLDER_UNREADABLE',
]);

export function exitCodeFor(code: ErrorCode): number {
  if (code === 'NOT_RUNNING') return NOT_RUNNING;
  return CONFIG_CODES.has(code) ? EX_CONFIG : 1;
}
