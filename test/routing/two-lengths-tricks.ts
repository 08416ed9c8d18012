import { raw } from './raw-tricks.ts';
import { CHUNKED, ONE, post, REFUSED, within } from './smuggled.ts';
import type { Trick, TrickTable } from './trick.ts';

const NOT_IMPLEMENTED = ['501', 'closed'];

/** What the edge makes of the two lengths of a request. */
interface Verdict {
  readonly sends: string;
  /** Lines of the request. */
  readonly coding: readonly string[];
  readonly because?: string;
  /** `chunks`: it reads chunks. `length`: it does not see the coding. Else what it answers. */
  readonly reads: 'chunks' | 'length' | readonly string[];
}

const CODINGS: readonly Verdict[] = [
  { sends: '`Transfer-Encoding: chunked`', coding: [CHUNKED], reads: 'chunks' },
  { sends: 'a tab before chunked', coding: ['Transfer-Encoding:\tchunked'], reads: 'chunks' },
  { sends: 'upper case', coding: ['tRANSFER-eNCODING: CHUNKED'], reads: 'chunks' },
  { sends: 'a space after chunked', coding: [`${CHUNKED} `], reads: 'chunks' },
  {
    sends: 'folded over two lines',
    coding: ['Transfer-Encoding:\r\n chunked'],
    reads: 'chunks',
    because: 'made one line',
  },
  {
    sends: 'after a bare line feed',
    coding: [`X: y\n${CHUNKED}`],
    reads: 'chunks',
    because: 'a line end to Go (RFC 9112 §2.2); two fields arrive',
  },
  {
    sends: 'with `Connection: Transfer-Encoding`',
    coding: [CHUNKED, 'Connection: Transfer-Encoding'],
    reads: 'chunks',
    because: 'a framing is not dropped',
  },
  {
    sends: 'with `Connection: Content-Length`',
    coding: [CHUNKED, 'Connection: Content-Length'],
    reads: 'chunks',
  },
  {
    sends: '`Transfer_Encoding`',
    coding: ['Transfer_Encoding: chunked'],
    reads: 'length',
    because: 'another field',
  },
  { sends: 'a space before the line', coding: [` ${CHUNKED}`], reads: REFUSED },
  { sends: 'a space before the colon', coding: ['Transfer-Encoding : chunked'], reads: REFUSED },
  { sends: 'a vertical tab before chunked', coding: ['Transfer-Encoding: \x0bchunked'], reads: REFUSED },
  { sends: 'a null after chunked', coding: [`${CHUNKED}\0`], reads: REFUSED },
  { sends: 'after a bare carriage return', coding: [`X: y\r${CHUNKED}`], reads: REFUSED },
  { sends: 'xchunked', coding: ['Transfer-Encoding: xchunked'], reads: NOT_IMPLEMENTED },
  { sends: 'chunked, identity', coding: ['Transfer-Encoding: chunked, identity'], reads: NOT_IMPLEMENTED },
  { sends: 'identity, chunked', coding: ['Transfer-Encoding: identity, chunked'], reads: NOT_IMPLEMENTED },
  { sends: 'gzip, chunked', coding: ['Transfer-Encoding: gzip, chunked'], reads: NOT_IMPLEMENTED },
  { sends: 'identity', coding: ['Transfer-Encoding: identity'], reads: NOT_IMPLEMENTED },
  { sends: 'twice, chunked and x', coding: [CHUNKED, 'Transfer-Encoding: x'], reads: NOT_IMPLEMENTED },
  { sends: 'twice, x and chunked', coding: ['Transfer-Encoding: x', CHUNKED], reads: NOT_IMPLEMENTED },
  { sends: 'twice the same', coding: [CHUNKED, CHUNKED], reads: NOT_IMPLEMENTED },
  { sends: 'in quotes', coding: ['Transfer-Encoding: "chunked"'], reads: NOT_IMPLEMENTED },
  { sends: 'with a parameter', coding: ['Transfer-Encoding: chunked;q=1'], reads: NOT_IMPLEMENTED },
  {
    sends: 'a no-break space before chunked',
    coding: ['Transfer-Encoding:\xa0chunked'],
    reads: NOT_IMPLEMENTED,
  },
  { sends: 'empty', coding: ['Transfer-Encoding:'], reads: NOT_IMPLEMENTED },
  { sends: 'a comma before chunked', coding: ['Transfer-Encoding: ,chunked'], reads: NOT_IMPLEMENTED },
];

// What follows the body is a request of the same client for bob, on the client's own connection: it gets the answer itself.
// Its body is the first bytes of what is asked next, the rest of which is no request.
const AND_ANOTHER = ['alice', 'bob', '400', 'closed'];

/** The length says that the body ends with the whole of what is sent, the chunks that it ends before the inner request. */
function lengthThenCoding({ sends, coding, reads, because }: Verdict): Trick {
  const play = raw(({ alice, bob }) => {
    const body = `0\r\n\r\n${within(bob)}`;
    return post(alice, [`Content-Length: ${body.length}`, ...coding], body);
  });
  const answers = reads === 'chunks' ? AND_ANOTHER : reads === 'length' ? ONE : reads;
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

/** The length says that the body ends before the inner request, the chunks that it ends after it. */
function codingThenLength({ sends, coding, reads, because }: Verdict): Trick {
  const play = raw(({ alice, bob }) => {
    const inner = `GET /smuggled HTTP/1.1\r\nHost: ${bob}\r\nContent-Length: 15\r\n\r\nx=1`;
    const size = `${inner.length.toString(16)}\r\n`;
    return post(alice, [...coding, `Content-Length: ${size.length}`], `${size}${inner}\r\n0\r\n\r\n`);
  });
  const answers = reads === 'chunks' ? ONE : reads === 'length' ? AND_ANOTHER : reads;
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

const plain: Trick = {
  sends: 'a plain POST',
  answers: ONE,
  because: 'the control',
  play: raw(({ alice }) => post(alice, ['Content-Length: 5'], 'hello')),
};

export const CL_TE: TrickTable = {
  title: 'CL.TE: chunks that end before the length does',
  about:
    "Both lengths in one request for alice, the coding in many disguises. Where the edge reads chunks it drops the length, so that alice gets one request, in chunks; what is behind it is the next request on the client's own connection, answered to this client.",
  tricks: [plain, ...CODINGS.map(lengthThenCoding)],
};

export const TE_CL: TrickTable = {
  title: 'TE.CL: a length that ends before the chunks do',
  about:
    'The other way round: a request for bob inside a chunk, after the length. Read as chunks, it is text that alice gets.',
  tricks: [plain, ...CODINGS.map(codingThenLength)],
};
