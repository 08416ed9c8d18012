/**
 * Reads the SSH data types of RFC 4251 §5 from a buffer that nobody vouches for. Each method returns undefined where the
 * bytes are not there or not well-formed.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether every byte has been read: a well-formed blob has no tail. */
  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  bytes(length: number): Buffer | undefined {
    const end = this.#position + length;
    if (end > this.#bytes.length) return undefined;
    const slice = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return slice;
  }

  /** The content of a `string`. */
  string(): Buffer | undefined {
    const length = this.bytes(4)?.readUInt32BE();
    return length === undefined ? undefined : this.bytes(length);
  }

  /** The magnitude of an `mpint` that is positive and has no needless leading zeros. */
  positiveInteger(): Buffer | undefined {
    const value = this.string();
    const [first, second] = value ?? [];
    if (value === undefined || first === undefined || first >= 0x80) return undefined;
    if (first !== 0) return value;
    return second !== undefined && second >= 0x80 ? value.subarray(1) : undefined;
  }
}

/** `content` as a `string`: its length as a uint32, then its bytes. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
