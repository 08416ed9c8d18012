/** A ClientHello of TLS 1.2 written by hand, so that it may say what no TLS library says. */
export interface HelloOptions {
  /** The host names of its server_name extension (RFC 6066 §3), as bytes in latin1; none: no extension. */
  readonly names: readonly string[];
  /** Protocols of its ALPN extension (RFC 7301). */
  readonly alpn?: readonly string[];
  /** Bytes of a record's payload at most; smaller ones spread the message over many records (RFC 8446 §5.1). */
  readonly recordSize?: number;
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const EXTENSION = { serverName: 0, groups: 10, signatures: 13, alpn: 16 } as const;

export function clientHello({ names, alpn = [], recordSize = 16_384 }: HelloOptions): Buffer {
  const extensions = [
    ...(names.length > 0 ? [extension(EXTENSION.serverName, sized(2, ...names.map(hostName)))] : []),
    ...(alpn.length > 0
      ? [extension(EXTENSION.alpn, sized(2, ...alpn.map((name) => sized(1, text(name)))))]
      : []),
    extension(EXTENSION.groups, sized(2, Buffer.from('001d0017', 'hex'))),
    extension(EXTENSION.signatures, sized(2, Buffer.from('04030804', 'hex'))),
  ];
  const body = Buffer.concat([
    Buffer.from('0303', 'hex'),
    Buffer.alloc(32, 7),
    sized(1),
    sized(2, Buffer.from('c02bc02f', 'hex')),
    sized(1, Buffer.from([0])),
    sized(2, ...extensions),
  ]);
  return records(Buffer.concat([Buffer.from([CLIENT_HELLO]), sized(3, body)]), recordSize);
}

function records(message: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    parts.push(Buffer.from([HANDSHAKE, 3, 1]), sized(2, message.subarray(at, at + size)));
  }
  return Buffer.concat(parts);
}

function hostName(name: string): Buffer {
  return Buffer.concat([Buffer.from([0]), sized(2, text(name))]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, type]), sized(2, content)]);
}

/** The parts, and before them their length in so many bytes. */
function sized(bytes: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(content.length, 0, bytes);
  return Buffer.concat([length, content]);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
