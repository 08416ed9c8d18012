/** Text that is HTML already; only the template `html` makes it. */
export interface Html {
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped for text and quoted attributes, unless they are `Html` themselves. */
export function html(parts: TemplateStringsArray, ...values: ReadonlyArray<string | Html>): Html {
  const filled = values.map((value) => (typeof value === 'string' ? escapeText(value) : value.html));
  return { html: String.raw({ raw: parts }, ...filled) };
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
