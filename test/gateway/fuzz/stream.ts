import { Random } from '../../soak/random.ts';
import {
  CHANNEL_REQUESTS,
  CONNECTION,
  HYBRID,
  HYBRID_KEY,
  kexInit,
  keyExchangeInit,
  NEW_KEYS,
  SESSION_OPEN,
  TRANSPORT,
  USERAUTH,
  X25519_KEY,
} from './messages.ts';
import { changeBytes, mutate, mutateBytes, mutateSome, pick, randomBytes, shuffle } from './mutate.ts';
import { type Message, packet } from './wire.ts';

/** How far the sender keeps to the protocol before the steps of the stream come. */
export type Stage =
  /** The connection: each step is bytes. */
  | 'connect'
  /** The first key exchange: each step is the payload of a packet, from here on. */
  | 'userauth'
  /** The login. */
  | 'session'
  /** As a server, which leaves requests for channels and forwards unanswered. */
  | 'open'
  /** As a server that has granted everything: in the place of a command. */
  | 'running';

/** All that one client or server sends on one connection. */
export interface Stream {
  readonly stage: Stage;
  /** Of a client's {@link TRANSPORTS}, where the stage has one, or of a server's `MANNERS`. */
  readonly variant: number;
  readonly steps: readonly Buffer[];
}

/** A stream as a line of the corpus. */
export interface WrittenStream {
  readonly stage: Stage;
  readonly variant: number;
  /** Each step in base64. */
  readonly steps: readonly string[];
}

/** Each cipher that the gateway has a decipher of its own for, and compression. */
export const TRANSPORTS = [
  { cipher: 'aes128-gcm@openssh.com', hmac: 'hmac-sha2-256-etm@openssh.com', compress: 'none' },
  { cipher: 'chacha20-poly1305@openssh.com', hmac: 'hmac-sha2-256-etm@openssh.com', compress: 'none' },
  { cipher: 'aes128-ctr', hmac: 'hmac-sha2-256-etm@openssh.com', compress: 'none' },
  { cipher: 'aes256-ctr', hmac: 'hmac-sha2-512', compress: 'none' },
  { cipher: 'aes128-gcm@openssh.com', hmac: 'hmac-sha2-256-etm@openssh.com', compress: 'zlib@openssh.com' },
] as const;

/** A name in a client's KEXINIT, and the key that it sends for that exchange. */
const KEY_EXCHANGES: readonly { readonly kex: string; readonly key: Buffer }[] = [
  { kex: HYBRID, key: HYBRID_KEY },
  { kex: HYBRID, key: HYBRID_KEY },
  { kex: 'curve25519-sha256', key: X25519_KEY },
  { kex: 'curve25519-sha256', key: X25519_KEY },
  { kex: 'no-such-kex', key: X25519_KEY },
];

/** What the `index`th stream of the run `seed` is made with. */
export function randomOf(seed: number, index: number): Random {
  return new Random(Math.imul(seed, 2_654_435_761) ^ Math.imul(index + 1, 40_503));
}

/** The `index`th stream of the run `seed`. */
export function streamOf(seed: number, index: number): Stream {
  const random = randomOf(seed, index);
  const variant = random.integer(0, TRANSPORTS.length - 1);
  const part = random.integer(0, 3);
  if (part <= 1) return { stage: 'connect', variant, steps: handshake(random) };
  if (part === 2) {
    const seeds = Array.from({ length: random.integer(1, 5) }, () => pick(random, USERAUTH));
    const messages = shuffle(random, seeds, [...USERAUTH, ...TRANSPORT, ...CONNECTION]);
    return { stage: 'userauth', variant, steps: messages.map((message) => mutate(random, message)) };
  }
  const first = random.chance(0.8) ? [SESSION_OPEN] : [];
  const more = Array.from({ length: random.integer(1, 8) }, () =>
    pick(random, random.chance(0.5) ? CHANNEL_REQUESTS : CONNECTION),
  );
  const messages = shuffle(random, more, [...CONNECTION, ...CONNECTION, ...TRANSPORT, ...USERAUTH]);
  const opened = first.map((message) => mutate(random, random.chance(0.2) ? message.slice(1) : message));
  return {
    stage: 'session',
    variant,
    steps: [...opened, ...messages.map((message) => mutate(random, message))],
  };
}

export function written(stream: Stream): WrittenStream {
  return { ...stream, steps: stream.steps.map((step) => step.toString('base64')) };
}

export function readStream(line: WrittenStream): Stream {
  return { ...line, steps: line.steps.map((step) => Buffer.from(step, 'base64')) };
}

/** A version line and a key exchange that goes as far as a client gets that computes nothing. */
function handshake(random: Random): Buffer[] {
  const { kex, key } = pick(random, KEY_EXCHANGES);
  const sent = random.chance(0.5) ? key : spoilKey(random, key);
  const seeds = [kexInit({ kex, follows: random.chance(0.1) }), keyExchangeInit(sent), NEW_KEYS];
  const messages = shuffle(random, seeds, [...TRANSPORT, ...USERAUTH, ...CONNECTION]);
  return handshakeOf(random, messages);
}

/** Of the right length, so that it is not its length that it is refused for. A zero X25519 key makes a secret that everybody knows. */
function spoilKey(random: Random, key: Buffer): Buffer {
  if (random.chance(0.3)) return Buffer.from(key).fill(0, key.length - X25519_KEY.length);
  return changeBytes(random, key);
}

/** A version line and these messages, in pieces. */
export function handshakeOf(random: Random, messages: readonly Message[]): Buffer[] {
  const packets = mutateSome(random, messages).map((payload) => framed(random, payload));
  const garbage = random.chance(0.3) ? [randomBytes(random, random.integer(1, 400))] : [];
  const bytes = Buffer.concat([versionLine(random), ...packets, ...garbage]);
  return pieces(random, bytes);
}

function versionLine(random: Random): Buffer {
  const line = Buffer.from('SSH-2.0-OpenSSH_9.9 fuzz\r\n');
  if (random.chance(0.85)) return line;
  if (random.chance(0.3)) return Buffer.concat([Buffer.alloc(random.integer(1, 20_000), 'a'), line]);
  return mutateBytes(random, line);
}

function framed(random: Random, payload: Buffer): Buffer {
  const claims = {
    ...(random.chance(0.03)
      ? { length: pick(random, [0, 1, 7, 12, 262_144, 262_148, 2 ** 31, 2 ** 32 - 4]) }
      : {}),
    ...(random.chance(0.03) ? { padding: random.integer(0, 255) } : {}),
  };
  return packet(payload, claims);
}

function pieces(random: Random, bytes: Buffer): Buffer[] {
  const cuts = Array.from({ length: random.integer(0, 3) }, () => random.integer(0, bytes.length));
  const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
  return ends
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}
