const HIDDEN = '[redacted]';

/** Takes values that are known to be secret out of texts: as they are, and as URLs and base64 have them. */
export interface SecretValues {
  withoutValues(text: string): string;
  /** The same of a line of JSON, which stays one; names are texts as well. It keeps its line end. */
  jsonWithoutValues(line: string): string;
}

/** `values`: none is empty. */
export function secretValues(values: readonly string[]): SecretValues {
  const forms = [...new Set(values.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  if (forms.length === 0) return { withoutValues: (text) => text, jsonWithoutValues: (line) => line };
  const inText = anyOf(forms);
  // Quotes and line breaks look otherwise in JSON; where a number is a secret, it is one without quotes.
  const inJson = anyOf(forms.flatMap((form) => [form, escaped(form)]));
  const withoutValues = (text: string) => text.replaceAll(inText, HIDDEN);
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutValues(value);
    if (typeof value === 'number') return withoutValues(String(value)) === String(value) ? value : HIDDEN;
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [withoutValues(name), clean(item)]),
    );
  };
  return {
    withoutValues,
    jsonWithoutValues: (line) =>
      line.search(inJson) === -1 ? line : `${JSON.stringify(clean(JSON.parse(line)))}\n`,
  };
}

function formsOf(value: string): readonly string[] {
  const wellFormed = value.toWellFormed();
  return [value, encodeURIComponent(wellFormed), Buffer.from(value).toString('base64'), escaped(value)];
}

/** As JSON has it between its quotes: texts of JSON stand in texts. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function anyOf(texts: readonly string[]): RegExp {
  return new RegExp(texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
}
