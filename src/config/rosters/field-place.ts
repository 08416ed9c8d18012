/**
 * Where field `index` of a CSV record begins, in lines after the first one of `text` and in columns that count from 1. `text`: the record
 * as it stands in the file (RFC 4180), with LF at the ends of lines; blank lines may stand before it.
 */
export function placeOfField(
  text: string,
  delimiter: string,
  index: number,
): { readonly line: number; readonly column: number } {
  let line = 0;
  let column = 1;
  let field = 0;
  let isQuoted = false;
  for (const char of text) {
    if (!isQuoted && field === index && !/\s/.test(char)) break;
    if (char === '"') isQuoted = !isQuoted;
    if (char === delimiter && !isQuoted) field += 1;
    column += 1;
    if (char !== '\n') continue;
    line += 1;
    column = 1;
    // Not within quotes: a blank line before the record.
    if (!isQuoted) field = 0;
  }
  return { line, column };
}
