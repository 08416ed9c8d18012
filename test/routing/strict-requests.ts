/** A request that can be read in one way only. */
export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** What comes next in the bytes of a connection: `partial` while more must come, `fault` where it is not plain HTTP/1.1. */
export type Reading =
  | { readonly kind: 'request'; readonly request: StrictRequest; readonly rest: Buffer }
  | { readonly kind: 'partial' }
  | { readonly kind: 'fault'; readonly why: string };

type Body = { readonly body: string; readonly rest: Buffer } | 'partial' | { readonly why: string };

const PARTIAL = { kind: 'partial' } as const;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) (\\S+) HTTP/1\\.1$`);
// No control character but tab (RFC 9110 §5.5); no space before the colon, no folded line (RFC 9112 §5).
const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*)$`);

/**
 * Reads HTTP/1.1 (RFC 9112) without any of the leniency that the RFC allows: what two servers could read in two ways, which is
 * what smuggling lives on, is a fault.
 */
export function readStrictly(bytes: Buffer): Reading {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return PARTIAL;
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, method, target] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) return fault(`the request line ${JSON.stringify(line)}`);
  const headers = new Map<string, string[]>();
  for (const field of fields) {
    const [, name, value] = FIELD_LINE.exec(field) ?? [];
    if (name === undefined || value === undefined) return fault(`the field ${JSON.stringify(field)}`);
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  const [host, ...others] = headers.get('host') ?? [];
  if (host === undefined || others.length > 0) return fault(`${others.length + (host ? 1 : 0)} Host fields`);
  const read = readBody(headers, bytes.subarray(end + 4));
  if (read === 'partial') return PARTIAL;
  if ('why' in read) return fault(read.why);
  return { kind: 'request', request: { method, target, host, headers, body: read.body }, rest: read.rest };
}

function fault(why: string): Reading {
  return { kind: 'fault', why };
}

function readBody(headers: ReadonlyMap<string, readonly string[]>, bytes: Buffer): Body {
  const lengths = headers.get('content-length') ?? [];
  const codings = headers.get('transfer-encoding') ?? [];
  if (lengths.length + codings.length === 0) return { body: '', rest: bytes };
  if (lengths.length + codings.length > 1) return { why: `lengths ${lengths} and codings ${codings}` };
  if (codings.length === 1)
    return codings[0] === 'chunked' ? readChunks(bytes) : { why: `coding ${codings}` };
  if (!/^(0|[1-9]\d{0,8})$/.test(lengths[0] ?? '')) return { why: `length ${lengths}` };
  const length = Number(lengths[0]);
  if (bytes.length < length) return 'partial';
  return { body: bytes.toString('latin1', 0, length), rest: bytes.subarray(length) };
}

function readChunks(bytes: Buffer): Body {
  let body = '';
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n');
    if (end < 0) return 'partial';
    const size = rest.toString('latin1', 0, end);
    if (!/^[0-9a-f]{1,7}$/i.test(size)) return { why: `the chunk size ${JSON.stringify(size)}` };
    const length = Number.parseInt(size, 16);
    rest = rest.subarray(end + 2);
    // Trailers are a fault as well: an end such as "0\r\nHost: …" is one.
    if (rest.length < length + 2) return 'partial';
    if (rest.toString('latin1', length, length + 2) !== '\r\n') return { why: 'no line end after a chunk' };
    body += rest.toString('latin1', 0, length);
    rest = rest.subarray(length + 2);
    if (length === 0) return { body, rest };
  }
}
