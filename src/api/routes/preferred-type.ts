/**
 * Which of the media types that a route can answer with the client wants; the first of them where it does not say, or wants another.
 * Weights are not looked at: a client that names several gets the first in its list.
 */
export function preferredType<T extends string>(accept: string | undefined, types: readonly [T, ...T[]]): T {
  const wanted = (accept ?? '').split(',').map((each) => each.split(';', 1)[0]?.trim().toLowerCase());
  for (const type of wanted) {
    const known = types.find((each) => each === type);
    if (known !== undefined) return known;
  }
  return types[0];
}
