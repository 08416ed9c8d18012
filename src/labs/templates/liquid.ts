import { Liquid } from 'liquidjs';

/** Those that read no file, have no state beyond the one text, and whose variables static analysis sees. */
const TAGS = 'assign break capture case comment continue echo for if liquid raw unless #'.split(' ');

/** Those whose result follows from what goes in: no clock, no chance, and no expression that stands in a text. */
const FILTERS =
  'abs append at_least at_most base64_decode base64_encode capitalize ceil compact concat default divided_by downcase first floor hmac_sha256 join json last lstrip minus modulo plus prepend remove remove_first remove_last replace replace_first replace_last reverse round rstrip sha256 size slice slugify sort split strip strip_newlines times to_integer truncate uniq upcase url_decode url_encode'.split(
    ' ',
  );

/** Characters of one text with a template. */
const PARSE_LIMIT = 65_536;
/** Of one rendering, in liquidjs' own count, about characters. */
const MEMORY = 1_000_000;

/** The template engine, as small as labs need it. */
export function createLiquid(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    relativeReference: false,
    // An empty set of templates instead of the file system, though no tag is left that would look there.
    templates: {},
    parseLimit: PARSE_LIMIT,
    memoryLimit: MEMORY,
  });
  keepOnly(liquid.tags, TAGS);
  keepOnly(liquid.filters, FILTERS);
  return liquid;
}

function keepOnly(all: Record<string, unknown>, kept: readonly string[]): void {
  for (const name of Object.keys(all)) if (!kept.includes(name)) delete all[name];
}
