/** `page` with what stands between the two markers of `name` replaced. Throws where it does not have both, in this order. */
export function withSection(page: string, section: string, name = 'bench'): string {
  const [first, last] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const begin = page.indexOf(first);
  const end = page.indexOf(last);
  if (begin < 0 || end < begin) throw new Error(`the page has no ${first} … ${last}`);
  return `${page.slice(0, begin + first.length)}\n${section}\n${page.slice(end)}`;
}
