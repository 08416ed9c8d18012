import { type KeyReading, readPublicKey } from '../../identity/public-key.ts';

/** The different keys that a client offered on one connection, in its order; bounded by the limit on queries. */
export class OfferedKeys {
  readonly #readings = new Map<string, KeyReading>();

  add(blob: Buffer): KeyReading {
    const id = blob.toString('base64');
    const known = this.#readings.get(id);
    if (known !== undefined) return known;
    const reading = readPublicKey(Buffer.from(blob));
    this.#readings.set(id, reading);
    return reading;
  }

  all(): readonly KeyReading[] {
    return [...this.#readings.values()];
  }
}

export function fingerprintsOf(keys: readonly KeyReading[]): string[] {
  return keys.flatMap((key) => (key.kind === 'malformed' ? [] : [key.key.fingerprint]));
}
