import type { Readable } from 'node:stream';

const LONGEST_LINE = 1 << 20;

/** The values in a stream of JSON values, one a line. Lines that are not JSON are left out. Throws as the stream does. */
export async function* jsonLines(stream: Readable): AsyncGenerator<unknown> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error('a line of JSON without an end');
    yield* lines.flatMap(parsed);
  }
  yield* parsed(rest);
}

function parsed(line: string): unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
