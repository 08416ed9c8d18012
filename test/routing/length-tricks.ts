import { get, raw } from './raw-tricks.ts';
import { CHUNKED, ONE, post, REFUSED, within } from './smuggled.ts';
import type { Trick, TrickTable } from './trick.ts';

/** With a body of five bytes. */
function length(
  sends: string,
  answers: readonly string[],
  fields: readonly string[],
  because?: string,
): Trick {
  const play = raw(({ alice }) => post(alice, fields, 'hello'));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

export const LENGTHS: TrickTable = {
  title: 'Lengths',
  about: 'A body of five bytes under a `Content-Length` that may be read in more than one way.',
  tricks: [
    length('5', ONE, ['Content-Length: 5'], 'the control'),
    length('5 twice', ONE, ['Content-Length: 5', 'Content-Length: 5'], 'arrives once'),
    length('05', ONE, ['Content-Length: 05'], 'arrives as 5'),
    length('a tab before it', ONE, ['Content-Length:\t5']),
    length('folded over two lines', ONE, ['Content-Length:\r\n 5']),
    length('with `Connection: Content-Length`', ONE, ['Content-Length: 5', 'Connection: Content-Length']),
    length('5 and 0', REFUSED, ['Content-Length: 5', 'Content-Length: 0']),
    length('5, 5', REFUSED, ['Content-Length: 5, 5']),
    length('5, 0', REFUSED, ['Content-Length: 5, 0']),
    length('5 5', REFUSED, ['Content-Length: 5 5']),
    length('5, and 0 folded on to it', REFUSED, ['Content-Length: 5\r\n 0']),
    length('+5', REFUSED, ['Content-Length: +5']),
    length('-5', REFUSED, ['Content-Length: -5']),
    length('0x5', REFUSED, ['Content-Length: 0x5']),
    length('5e0', REFUSED, ['Content-Length: 5e0']),
    length('5.0', REFUSED, ['Content-Length: 5.0']),
    length('"5"', REFUSED, ['Content-Length: "5"']),
    length('2⁶⁴ + 5', REFUSED, ['Content-Length: 18446744073709551621']),
    length('2⁶³ + 5', REFUSED, ['Content-Length: 9223372036854775813']),
    length('empty', REFUSED, ['Content-Length:']),
    length('a vertical tab before it', REFUSED, ['Content-Length: \x0b5']),
    length('a digit of another script', REFUSED, ['Content-Length: \xd9\xa5']),
    length('a space before the colon', REFUSED, ['Content-Length : 5']),
    length('a space before the line', REFUSED, [' Content-Length: 5']),
  ],
};

/** A request with this body in chunks. */
function chunks(
  sends: string,
  answers: readonly string[],
  body: (bob: string) => string,
  because?: string,
): Trick {
  const play = raw(({ alice, bob }) => post(alice, [CHUNKED], body(bob)));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

// The edge has begun to pass the request on when it meets the fault: it cuts off alice's connection and answers for her.
const CUT_OFF = ['500', 'closed'];

/** The usual body, with the line of its first chunk's size written so. */
function size(sends: string, answers: readonly string[], line: string, because?: string): Trick {
  return chunks(sends, answers, () => `${line}\r\nhello\r\n0\r\n\r\n`, because);
}

export const CHUNKS: TrickTable = {
  title: 'Chunks',
  about:
    "A request for alice with a body in chunks. It arrives in plain chunks, without extensions or trailers, or not as a whole: at a fault the edge cuts off its connection to alice's workspace and answers `500`.",
  tricks: [
    size('`5`', ONE, '5', 'the control'),
    size('an extension', ONE, '5;a=b'),
    size('a quote that is not closed in an extension', ONE, '5;a="'),
    size('zeros before it', ONE, '0000000005'),
    size('a space after it', ONE, '5 '),
    size('a tab after it', ONE, '5\t'),
    chunks('`00` at the end', ONE, () => '5\r\nhello\r\n00\r\n\r\n'),
    size('a line feed in an extension', CUT_OFF, '5;\nxx', 'the way of CVE-2025-22871'),
    size('a carriage return in an extension', CUT_OFF, '5;\rxx'),
    size('a plus', CUT_OFF, '+5'),
    size('a minus', CUT_OFF, '-5'),
    size('0x5', CUT_OFF, '0x5'),
    size('a space before it', CUT_OFF, ' 5'),
    size('thirty zeros before it', CUT_OFF, `${'0'.repeat(30)}5`),
    size('2⁶⁸ + 5', CUT_OFF, '10000000000000005'),
    size('none', CUT_OFF, ''),
    chunks('a bare line feed after the size', CUT_OFF, () => '5\nhello\r\n0\r\n\r\n'),
    chunks('a bare line feed after the data', CUT_OFF, () => '5\r\nhello\n0\r\n\r\n'),
    chunks(
      'more data than the size says, and a request',
      CUT_OFF,
      (bob) => `5\r\nhelloXX\r\n0\r\n\r\n${within(bob)}`,
    ),
    chunks(
      'extensions of 80,000 bytes',
      CUT_OFF,
      () => `${`1;${'a'.repeat(4000)}\r\nx\r\n`.repeat(20)}0\r\n\r\n`,
    ),
    chunks(
      'a bare line feed at the end, and a request for bob',
      ['alice', 'bob', 'goes on'],
      (bob) => `5\r\nhello\r\n0\r\n\n${get(bob)}`,
      'two requests, each for its own',
    ),
    chunks('a trailer `Host: bob`', ONE, (bob) => `5\r\nhello\r\n0\r\nHost: ${bob}\r\n\r\n`, 'dropped'),
    chunks(
      'a trailer `Content-Length`',
      ONE,
      () => '5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n',
      'dropped',
    ),
    chunks(
      'a trailer after which come two bare line feeds and a request for bob',
      ['alice', 'bob', 'goes on'],
      (bob) => `5\r\nhello\r\n0\r\nX: y\n\n${get(bob)}`,
      'two requests',
    ),
  ],
};
