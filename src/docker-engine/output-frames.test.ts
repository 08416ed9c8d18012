import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputFrames, type OutputPiece } from './output-frames.ts';

function frame({ output, bytes }: OutputPiece): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(output === 'stdout' ? 1 : 2, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function joined(pieces: readonly OutputPiece[], output: string): string {
  return Buffer.concat(
    pieces.filter((piece) => piece.output === output).map((piece) => piece.bytes),
  ).toString('hex');
}

const piece = fc.record({
  output: fc.constantFrom('stdout' as const, 'stderr' as const),
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});

test('both outputs come out whole however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 30 })), (pieces, cuts) => {
      const stream = Buffer.concat(pieces.map(frame));
      const frames = new OutputFrames();
      const received: OutputPiece[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        received.push(...frames.push(stream.subarray(at, at + cut)));
        at += cut;
      }
      expect(joined(received, 'stdout')).toBe(joined(pieces, 'stdout'));
      expect(joined(received, 'stderr')).toBe(joined(pieces, 'stderr'));
    }),
  );
});

test('a stream that is not framed is refused', () => {
  expect(() => [...new OutputFrames().push(Buffer.from('OCI runtime exec failed'))]).toThrow();
});
