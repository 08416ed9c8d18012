/**
 * What takes two columns on a terminal: East Asian Wide and Fullwidth (UAX #11), and whatever some terminal shows as a picture.
 * Where terminals differ the wider one counts, so that no line is ever wrapped.
 */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}\p{Extended_Pictographic}]/u;

/** Combining marks stand on what is before them. Those that are written beside it (Mc) take a column on some terminals. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}]/u;

/** What moves the cursor or turns the direction of the text, and what a terminal may show or not: controls, formats, line ends. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text that can do nothing to a terminal but stand there, whoever wrote it. */
export function shownText(text: string): string {
  return text.replace(NOT_SHOWN, '');
}

/** The columns that a text takes at most. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text in at most so many columns; what is cut off ends in an ellipsis. No character is cut from its marks. */
export function fitInto(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const room = columns - ELLIPSIS.length;
  let kept = '';
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    width += displayWidth(segment);
    if (width > room) break;
    kept += segment;
  }
  return `${kept}${ELLIPSIS}`.slice(0, room < 0 ? columns : undefined);
}

const ELLIPSIS = '...';

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
