/** The text of a section of a page (Markdown), from below its heading of the second level to the next. Throws where it is missing. */
export function section(markdown: string, heading: string): string {
  const found = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`the page has no section "${heading}"`);
  return found.slice(heading.length + 1);
}

/** The part of a text before and after the paragraph that begins with `start`, which is in the latter. Throws where there is none. */
export function splitAt(text: string, start: string): readonly [string, string] {
  const at = text.indexOf(`\n\n${start}`);
  if (at === -1) throw new Error(`no paragraph begins with "${start}"`);
  return [text.slice(0, at), text.slice(at)];
}
