import { FactoryError } from './factory-error.ts';
import { isLasting } from './system-refusal.ts';

/** Of a server that can't listen where it should: `CONFIG_INVALID` where only a person can mend that, `PORT_IN_USE` where it may pass. */
export function listenFailure(message: string, cause: unknown): FactoryError {
  return new FactoryError(isLasting(cause) ? 'CONFIG_INVALID' : 'PORT_IN_USE', message, { cause });
}
