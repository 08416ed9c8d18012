/** Four times what the largest answer that can be used has. */
const MOST = 2_000;

/**
 * Whether a text of JSON has more values than any answer that can be used. To be asked before it is parsed: in 2 MiB there is room for
 * a million mistakes, and to find and word them all would take seconds in which the factory does nothing else.
 */
export function hasManyValues(json: string): boolean {
  let values = 0;
  let isText = false;
  for (let at = 0; at < json.length && values <= MOST; at += 1) {
    const character = json[at];
    if (character === '"') isText = !isText;
    else if (isText && character === '\\') at += 1;
    else if (!isText && (character === ',' || character === '[' || character === '{')) values += 1;
  }
  return values > MOST;
}
