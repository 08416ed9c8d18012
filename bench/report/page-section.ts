const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** `page` with what stands between the two markers replaced. Throws where it does not have both, in this order. */
export function withSection(page: string, section: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${section}\n${page.slice(end)}`;
}
