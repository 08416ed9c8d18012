import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** What the person, or a pipe, answers to `question`; undefined where the input has ended. Rejects with `signal`'s reason. */
export async function ask(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<string | undefined> {
  using lines = createInterface({ input, output });
  const ended = once(lines, 'close', { signal }).then(() => undefined);
  return Promise.race([lines.question(question, { signal }), ended]);
}
