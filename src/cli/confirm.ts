import { FactoryError } from '../errors/factory-error.ts';
import { ask } from './ask.ts';

/**
 * Has the person type `word` before something that cannot be undone. Rejects with `NOT_CONFIRMED` for anything else, and for
 * an input that has ended; then says `nothing`.
 */
export async function confirmByTyping(
  word: string,
  to: string,
  nothing: string,
  stop: AbortSignal,
): Promise<void> {
  const answer = await ask(
    `\nType ${word} to ${to}: `,
    { input: process.stdin, output: process.stderr },
    stop,
  );
  if (answer?.trim() === word) return;
  throw new FactoryError('NOT_CONFIRMED', nothing);
}
