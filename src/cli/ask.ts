import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What the person, or a pipe, answers to `question`; undefined where the input has ended. Rejects when `signal` aborts. */
export async function ask(
  question: string,
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<string | undefined> {
  const lines = createInterface({ input, output, prompt: question });
  try {
    // Not `question()`: a pipe's line and its end come in one tick, and that promise loses to the end.
    const answer = Promise.race([once(lines, 'line', { signal }), once(lines, 'close', { signal })]);
    lines.prompt();
    const [line]: unknown[] = await answer;
    return typeof line === 'string' ? line : undefined;
  } finally {
    lines.close();
  }
}
