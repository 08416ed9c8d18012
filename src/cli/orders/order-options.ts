import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration } from '../../config/values.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { inWords } from '../../words/time-span.ts';
import type { CommandLine } from '../command-line.ts';
import { confirmByTyping } from '../confirm.ts';

/** Of an order that cannot be undone. */
export interface RiskyOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** ms */
const FIVE_MINUTES = 300_000;
const LONGEST_TIMEOUT = 3_600_000;

/** The same in all commands that wait until something is so; ms. */
export function timeoutOption(): Option {
  return new Option('--timeout <time>', 'how long to wait until it is so')
    .argParser(parseTimeout)
    .default(FIVE_MINUTES, '5m');
}

/** Rejects with `NOT_CONFIRMED`. */
export async function confirmOrder(
  key: WorkspaceKey,
  costs: string,
  what: string,
  { yes, json }: RiskyOptions,
  command: Command,
  { surroundings, stop }: CommandLine,
): Promise<void> {
  if (yes) return;
  if (json) command.error('error: --json can not ask; give --yes as well');
  surroundings.complain(costs);
  await confirmByTyping(formatWorkspaceKey(key), `${what} it`, 'Nothing was changed.', stop);
}

/** Of one who pressed ^C. */
export function interruptedOrder(): FactoryError {
  return new FactoryError('INTERRUPTED', 'You do not wait for it any more; the order stays in force.');
}

/** `timeout`: ms; `look`: the command that shows how it goes. */
export function lateOrder(timeout: number, look: string): FactoryError {
  return new FactoryError(
    'TIMED_OUT',
    `It is not so after ${inWords(timeout)}. The order stays in force: \`${look}\` shows how it goes, --timeout waits longer.`,
  );
}

function parseTimeout(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success && parsed.data > 0 && parsed.data <= LONGEST_TIMEOUT) return parsed.data;
  throw new InvalidArgumentError('It must be a time such as 30s or 10m, and an hour at most.');
}
