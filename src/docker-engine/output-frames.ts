/** Which output of a process a piece belongs to. */
export type OutputName = 'stdout' | 'stderr';

export interface OutputPiece {
  readonly output: OutputName;
  readonly bytes: Buffer;
}

const HEADER_LENGTH = 8;

/**
 * Takes the two outputs of a process without a terminal apart. Each frame is one byte for the output (1, 2), three zeros, the
 * length in 4 bytes, big-endian, and the payload (Docker Engine API, "Attach to a container", Stream format). Frames and
 * chunks may begin and end anywhere; payload is handed on as it comes and never kept.
 */
export class OutputFrames {
  #header = Buffer.alloc(0);
  #left = 0;
  #output: OutputName = 'stdout';

  /** Throws where `chunk` cannot be a part of such a stream. */
  *push(chunk: Buffer): Generator<OutputPiece, undefined> {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#left > 0 ? rest : this.#readHeader(rest);
      const bytes = rest.subarray(0, this.#left);
      this.#left -= bytes.length;
      rest = rest.subarray(bytes.length);
      if (bytes.length > 0) yield { output: this.#output, bytes };
    }
  }

  #readHeader(chunk: Buffer): Buffer {
    const missing = HEADER_LENGTH - this.#header.length;
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, missing)]);
    if (this.#header.length === HEADER_LENGTH) {
      this.#output = outputName(this.#header.readUInt8(0));
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}

function outputName(id: number): OutputName {
  if (id === 1) return 'stdout';
  if (id === 2) return 'stderr';
  throw new Error(`no output has the number ${id}`);
}
