import type { FailedLoginsConfig } from '../../config/factory-config.ts';

/** How logins that fail are answered. */
export interface LoginPolicy {
  /** Whether the client is told which keys are listed and which it offered. If not, all refusals look the same, whatever the name. */
  readonly explainRefusals: boolean;
  readonly failures: FailedLoginsConfig;
}
