import { randomBytes } from 'node:crypto';

/** In a stream's steps: the place of the mark of whoever plays it. */
export const PLACE = '<0000000000000000>';

const MARK = /<[0-9a-f]{16}>/g;

/** Whose bytes are whose: what each writes is full of their mark, and what another reads of it is told. */
export class Marks {
  readonly #owners = new Map<string, string>();
  readonly #told: string[] = [];

  /** No mutation makes one out of another. */
  create(owner: string): string {
    const mark = `<${randomBytes(8).toString('hex')}>`;
    this.#owners.set(mark, owner);
    return mark;
  }

  /** `reader` has got these bytes. */
  look(reader: string, bytes: Buffer): void {
    for (const [mark] of bytes.toString('latin1').matchAll(MARK)) {
      const owner = this.#owners.get(mark);
      if (owner !== undefined && owner !== reader) this.#told.push(`${reader} got bytes of ${owner}`);
    }
  }

  /** Throws if anybody has got another's bytes since it was asked last. */
  expectNoneAstray(): void {
    const told = this.#told.splice(0);
    if (told.length > 0) throw new Error([...new Set(told)].join(', '));
  }
}
