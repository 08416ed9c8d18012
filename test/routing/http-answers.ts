/** An answer as a client reads it; the body as far as it has come. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** The answers in `bytes` that are whole. Without a length (RFC 9112 §6.3) an answer lasts until the connection is `closed`. */
export function readAnswers(bytes: Buffer, closed: boolean): readonly HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let rest = bytes.toString('latin1');
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(rest)?.[1]);
    if (end < 0 || Number.isNaN(status)) return answers;
    const head = rest.slice(0, end).toLowerCase();
    rest = rest.slice(end + 4);
    const body = readBody(head, status, rest, closed);
    if (body === undefined) return answers;
    answers.push({ status, body: body.text });
    rest = rest.slice(body.length);
  }
}

/** Undefined while more of it must come. */
function readBody(
  head: string,
  status: number,
  rest: string,
  closed: boolean,
): { readonly text: string; readonly length: number } | undefined {
  if (status < 200 || status === 204 || status === 304) return { text: '', length: 0 };
  if (/\r\ntransfer-encoding: *chunked/.test(head)) return readChunks(rest);
  const given = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (given === undefined) return closed ? { text: rest, length: rest.length } : undefined;
  const length = Number(given);
  return rest.length < length ? undefined : { text: rest.slice(0, length), length };
}

/** Of the edge's own chunks, which have neither extensions nor trailers. */
function readChunks(rest: string): { readonly text: string; readonly length: number } | undefined {
  let text = '';
  for (let at = 0; ; ) {
    const end = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.slice(at, end), 16);
    const next = end + 2 + size + 2;
    if (end < 0 || Number.isNaN(size) || rest.length < next) return undefined;
    text += rest.slice(end + 2, end + 2 + size);
    if (size === 0) return { text, length: next };
    at = next;
  }
}
