/** HTTP/2 (RFC 9113) written by hand, so that it may say what no library says. */
export type Fields = ReadonlyArray<readonly [name: string, value: string]>;

const TYPE = { data: 0, headers: 1, resetStream: 3, settings: 4 } as const;
const FLAG = { endStream: 1, endHeaders: 4 } as const;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** HPACK's static table (RFC 7541, appendix A) has these on their own. */
const STATUS: Readonly<Record<number, string>> = {
  136: '200',
  140: '400',
  141: '404',
  142: '500',
};

export interface Http2Request {
  readonly fields: Fields;
  readonly body?: string;
}

/** A whole connection: the preface, and each request on a stream of its own. */
export function http2Connection(requests: readonly Http2Request[]): Buffer {
  const streams = requests.flatMap(({ fields, body }, index) => {
    const stream = 2 * index + 1;
    const end = body === undefined ? FLAG.endStream : 0;
    const head = frame(TYPE.headers, FLAG.endHeaders | end, stream, Buffer.concat(fields.map(literal)));
    return body === undefined
      ? [head]
      : [head, frame(TYPE.data, FLAG.endStream, stream, Buffer.from(body, 'latin1'))];
  });
  return Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, 0, Buffer.alloc(0)), ...streams]);
}

/** What came of a stream. */
export interface StreamAnswer {
  readonly status: string;
  readonly body: string;
  /** It was given up, with this error (RFC 9113 §7). */
  readonly reset: number | undefined;
}

/** By stream what has come so far; `ended`: how many of them are over. */
export function readHttp2(bytes: Buffer): {
  readonly streams: ReadonlyMap<number, StreamAnswer>;
  readonly ended: number;
} {
  const streams = new Map<number, StreamAnswer>();
  let ended = 0;
  for (let at = 0; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const payload = bytes.subarray(at + 9, at + 9 + length);
    if (payload.length < length) break;
    const [type, flags, stream] = [
      bytes.readUInt8(at + 3),
      bytes.readUInt8(at + 4),
      bytes.readUInt32BE(at + 5),
    ];
    const before = streams.get(stream) ?? { status: '', body: '', reset: undefined };
    if (type === TYPE.headers)
      streams.set(stream, { ...before, status: STATUS[payload[0] ?? 0] ?? 'another status' });
    if (type === TYPE.data)
      streams.set(stream, { ...before, body: before.body + payload.toString('latin1') });
    if (type === TYPE.resetStream) streams.set(stream, { ...before, reset: payload.readUInt32BE(0) });
    if (type === TYPE.resetStream || (type <= TYPE.headers && (flags & FLAG.endStream) !== 0)) ended++;
    at += 9 + length;
  }
  return { streams, ended };
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Without indexing and Huffman's code (RFC 7541 §6.2.2). */
function literal([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length >= 127) throw new Error('too long for a length of one byte');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
