/**
 * Who has a name, said without a pattern: of the hosts that are it, or of whose labels it has all at its end, the longest one.
 * Undefined: nobody.
 */
export function ownerOf<T extends { readonly host: string }>(
  name: string,
  owners: readonly T[],
): T | undefined {
  const labels = name.toLowerCase().split('.');
  const endsIn = (host: string) => {
    const wanted = host.split('.');
    const start = labels.length - wanted.length;
    return start >= 0 && wanted.every((label, index) => labels[start + index] === label);
  };
  return owners
    .filter(({ host }) => endsIn(host))
    .reduce<T | undefined>(
      (best, one) => (best && best.host.length >= one.host.length ? best : one),
      undefined,
    );
}
