import type { Random } from '../../soak/random.ts';
import { encode, type Field, type Message } from './wire.ts';

/** Where parsers go wrong. */
const NUMBERS = [0, 1, 2, 3, 255, 256, 32_768, 65_536, 262_144, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

const TEXTS = [
  '',
  '\0',
  ',',
  ',,,,',
  'none',
  'constructor',
  '__proto__',
  'session',
  'publickey',
  'zlib',
  'diffie-hellman-group16-sha512',
  'ecdh-sha2-nistp521',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
  'kex-strict-c-v00@openssh.com',
  'ext-info-c',
  'alice/../../bob',
  '%n%s%x',
  '\u202e\u0000\x1b[2J',
];

export function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random.integer(0, from.length - 1)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** The payload of `message` with one to three mistakes in it, or none. */
export function mutate(random: Random, message: Message): Buffer {
  let fields: Message = message;
  const mistakes = random.integer(0, 3);
  for (let count = 0; count < mistakes; count++) fields = mutateFields(random, fields);
  const payload = encode(fields);
  return random.chance(0.2) ? mutateBytes(random, payload) : payload;
}

/** So many messages are good ones, in an order that may be none: a connection that ends at the first has no second. */
const UNHURT = 0.6;

/** Most of the messages as they are, and the others with mistakes. */
export function mutateSome(random: Random, messages: readonly Message[]): Buffer[] {
  return messages.map((message) => (random.chance(UNHURT) ? encode(message) : mutate(random, message)));
}

/** Bytes with bits that are wrong, an end that is missing or one too many. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const kind = random.integer(0, 2);
  if (kind === 0) return bytes.subarray(0, random.integer(0, bytes.length));
  if (kind === 1) return Buffer.concat([bytes, randomBytes(random, random.integer(1, 64))]);
  return changeBytes(random, bytes);
}

/** As many bytes, a few of them wrong. */
export function changeBytes(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let count = random.integer(1, 8); count > 0 && changed.length > 0; count--) {
    changed[random.integer(0, changed.length - 1)] = random.integer(0, 255);
  }
  return changed;
}

/** The sequence with messages that are missing, come twice, at the wrong time or many times. */
export function shuffle(random: Random, messages: readonly Message[], others: readonly Message[]): Message[] {
  const changed = [...messages];
  for (let count = random.integer(0, 3); count > 0; count--) {
    const at = random.integer(0, changed.length);
    const kind = random.integer(0, 3);
    if (kind === 0) changed.splice(at, 1);
    else if (kind === 1) changed.splice(at, 0, pick(random, others));
    else if (kind === 2 && changed.length > 0) changed.splice(at, 0, pick(random, changed));
    else if (kind === 3 && random.chance(0.1)) {
      const repeated = pick(random, others);
      changed.splice(at, 0, ...Array.from({ length: random.integer(2, 200) }, () => repeated));
    }
  }
  return changed;
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

function mutateFields(random: Random, fields: Message): Message {
  const at = random.integer(0, Math.max(0, fields.length - 1));
  const field = fields[at];
  if (field === undefined) return fields;
  const kind = random.integer(0, 9);
  if (kind === 0) return fields.toSpliced(at, 1);
  if (kind === 1) return fields.toSpliced(at, 0, field);
  if (kind === 2) return fields.toSpliced(at, 1).toSpliced(random.integer(0, fields.length - 1), 0, field);
  return fields.with(at, mutateField(random, field));
}

function mutateField(random: Random, field: Field): Field {
  switch (field.kind) {
    case 'byte':
      return { kind: 'byte', value: random.integer(0, 255) };
    case 'uint32':
      return { kind: 'uint32', value: pick(random, NUMBERS) };
    case 'raw':
      return { kind: 'raw', value: mutateBytes(random, field.value) };
    case 'string':
      return mutateString(random, field.value);
  }
}

function mutateString(random: Random, value: Buffer): Field {
  switch (random.integer(0, 4)) {
    case 0:
      return { kind: 'string', value: Buffer.from(pick(random, TEXTS)) };
    case 1:
      return {
        kind: 'string',
        value: Buffer.alloc(random.integer(0, 30_000), pick(random, ['a', ',', '\0', 'é'])),
      };
    case 2:
      return { kind: 'string', value: mutateBytes(random, value) };
    case 3:
      return { kind: 'string', value: randomBytes(random, random.integer(0, 80)) };
    default: {
      // A length that is not the string's.
      const length = Buffer.alloc(4);
      length.writeUInt32BE(
        random.chance(0.5) ? pick(random, NUMBERS) : value.length + random.integer(-1, 4) + 1,
      );
      return { kind: 'raw', value: Buffer.concat([length, value]) };
    }
  }
}
