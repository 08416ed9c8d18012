import type { ErrorCode } from '../errors/error-codes.ts';
import type { FactoryError } from '../errors/factory-error.ts';
import { type Destination, sshCommand } from './inner/inner-advice.ts';

/** What a new cluster may mend. */
const MENDED_BY_A_NEW_ONE: ReadonlySet<ErrorCode> = new Set(['CLUSTER_FAILED', 'CLUSTER_BROKEN']);

/** What the student can type after a cluster's failure, to stand behind the sentence about it; empty where nothing helps. */
export function resetAdvice({ code }: Pick<FactoryError, 'code'>, destination: Destination): string {
  if (!MENDED_BY_A_NEW_ONE.has(code)) return '';
  return ` If it does not come back, make a new one: ${sshCommand(destination, '@reset cluster')}`;
}
