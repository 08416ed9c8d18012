import { randomFillSync } from 'node:crypto';

/** A field of an SSH message (RFC 4251 §5). */
export type Field =
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'uint32'; readonly value: number }
  | { readonly kind: 'string'; readonly value: Buffer }
  /** Bytes as they are. */
  | { readonly kind: 'raw'; readonly value: Buffer };

export type Message = readonly Field[];

export const byte = (value: number): Field => ({ kind: 'byte', value });
export const bool = (value: boolean): Field => byte(value ? 1 : 0);
export const uint32 = (value: number): Field => ({ kind: 'uint32', value });
export const string = (value: string | Buffer): Field => ({ kind: 'string', value: Buffer.from(value) });
export const raw = (value: Buffer): Field => ({ kind: 'raw', value });

/** The message's bytes: the payload of a packet. */
export function encode(message: Message): Buffer {
  return Buffer.concat(message.map(encodeField));
}

function encodeField(field: Field): Buffer {
  switch (field.kind) {
    case 'byte':
      return Buffer.from([field.value]);
    case 'uint32':
      return number(field.value);
    case 'string':
      return Buffer.concat([number(field.value.length), field.value]);
    case 'raw':
      return field.value;
  }
}

/**
 * A packet without encryption (RFC 4253 §6).
 *
 * @param claims what its header says instead of the truth
 */
export function packet(
  payload: Buffer,
  claims: { readonly length?: number; readonly padding?: number } = {},
): Buffer {
  const padding = 4 + ((8 - ((payload.length + 5 + 4) % 8)) % 8);
  const bytes = Buffer.alloc(5 + payload.length + padding);
  bytes.writeUInt32BE(claims.length ?? bytes.length - 4);
  bytes.writeUInt8(claims.padding ?? padding, 4);
  payload.copy(bytes, 5);
  randomFillSync(bytes, 5 + payload.length);
  return bytes;
}

const NEW_KEYS = 21;

/** The payloads of the whole packets that follow a version line, up to the last one without encryption. */
export function plainPayloads(heard: Buffer): readonly Buffer[] {
  const bytes = heard.subarray(heard.indexOf('\n') + 1);
  const payloads: Buffer[] = [];
  for (let at = 0, end = 0; at + 6 <= bytes.length && payloads.at(-1)?.[0] !== NEW_KEYS; at = end) {
    end = at + 4 + bytes.readUInt32BE(at);
    if (end <= bytes.length) payloads.push(bytes.subarray(at + 5, end - bytes.readUInt8(at + 4)));
  }
  return payloads;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
