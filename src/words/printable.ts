/** What somebody else made up, for a log or a terminal: printable US-ASCII alone, `most` characters of it. */
export function printable(text: string, most: number): string {
  return text.slice(0, most).replace(/[^\x20-\x7e]/g, '?');
}
