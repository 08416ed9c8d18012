/** SSH packets by hand (RFC 4251 §5), for peers that do not keep to the protocol. */

/** The message numbers (RFC 4250 §4.1.2). */
export const MESSAGE = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceAccept: 6,
  extInfo: 7,
  kexinit: 20,
  newKeys: 21,
  authFailure: 51,
  authSuccess: 52,
  authBanner: 53,
  authPublicKeyOk: 60,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelConfirmation: 91,
  channelOpenFailure: 92,
  windowAdjust: 93,
  channelData: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

export type Field = number | string | boolean | Buffer;

/** Numbers are uint32, strings and buffers have their length before them. */
export function packet(type: number, ...fields: readonly Field[]): Buffer {
  return Buffer.concat([Buffer.from([type]), ...fields.map(encoded)]);
}

function encoded(field: Field): Buffer {
  if (typeof field === 'boolean') return Buffer.from([field ? 1 : 0]);
  if (typeof field === 'number') return uint32(field);
  const bytes = typeof field === 'string' ? Buffer.from(field) : field;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
