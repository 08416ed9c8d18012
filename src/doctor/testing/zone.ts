/** A line of a zone file with all its fields (RFC 1035 §5.1): "lab.example.org. 300 IN A 192.0.2.1". */
export interface ZoneRecord {
  /** Lower case, without the last dot. */
  readonly owner: string;
  readonly type: string;
  /** As it is written: "192.0.2.1", `0 issue "letsencrypt.org"`. */
  readonly data: string;
}

/** Throws for a line that is none. */
export function parseZoneLine(line: string): ZoneRecord {
  const [, owner, type, data] = /^(\S+)\.\s+\d+\s+IN\s+([A-Z]+)\s+(\S.*)$/.exec(line) ?? [];
  if (owner === undefined || type === undefined || data === undefined) throw new Error(`no record: ${line}`);
  return { owner: owner.toLowerCase(), type, data };
}

/** The records at a name, those of the wildcard that covers it included (RFC 4592 §3.3.1); undefined: no such name. */
export function recordsAt(zone: readonly ZoneRecord[], name: string): readonly ZoneRecord[] | undefined {
  if (exists(zone, name)) return zone.filter(({ owner }) => owner === name);
  const labels = name.split('.');
  const encloser = labels
    .map((_, index) => labels.slice(index).join('.'))
    .find((above) => exists(zone, above));
  const covered = zone.filter(({ owner }) => owner === `*.${encloser}`);
  return covered.length === 0 ? undefined : covered.map((record) => ({ ...record, owner: name }));
}

/** Names between those with records exist too. */
function exists(zone: readonly ZoneRecord[], name: string): boolean {
  return zone.some(({ owner }) => owner === name || owner.endsWith(`.${name}`));
}
