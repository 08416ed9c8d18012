import type { Random } from '../../../soak/random.ts';
import { kexInit, NEW_KEYS } from '../messages.ts';
import { mutateSome, pick, shuffle } from '../mutate.ts';
import { handshakeOf, randomOf, type Stage, type Stream } from '../stream.ts';
import type { Message } from '../wire.ts';
import { KEX_REPLIES } from './key-exchange.ts';
import {
  CHANNELS,
  CONNECTION,
  confirmation,
  OPENS,
  ofChannel,
  TRANSPORT,
  USERAUTH,
} from './server-messages.ts';

/** A stream's `variant`: how the server sends its steps, and what it does then. */
export const MANNERS = [
  'all at once',
  'a step a turn',
  'new keys in the middle',
  /** In the login or a key exchange: at other times the gateway leaves a silent server alone. */
  'silence at the end',
] as const;

/** The gateway waits for each as long as a server may take. */
const SILENT = 0.005;

const KEX_METHODS = ['curve25519-sha256', 'curve25519-sha256,kex-strict-s-v00@openssh.com', 'no-such-kex'];

const STAGES: readonly Stage[] = [
  'connect',
  'connect',
  'connect',
  'userauth',
  'session',
  'open',
  'open',
  'running',
  'running',
  'running',
];

/** The `index`th stream of the run `seed`: all that a hostile server sends on one connection. */
export function serverStreamOf(seed: number, index: number): Stream {
  const random = randomOf(seed, index);
  const stage = pick(random, STAGES);
  const isIn = stage !== 'connect' && stage !== 'userauth';
  const variant = random.chance(SILENT) ? 3 : random.integer(0, isIn ? 2 : 1);
  if (stage === 'connect') return { stage, variant, steps: handshake(random) };
  const messages = isIn ? connection(random, stage) : userauth(random);
  return { stage, variant, steps: mutateSome(random, messages) };
}

function handshake(random: Random): Buffer[] {
  const { hostKeys, reply } = pick(random, KEX_REPLIES);
  const kex = pick(random, KEX_METHODS);
  const seeds = [kexInit({ kex, hostKeys, follows: random.chance(0.1) }), reply, NEW_KEYS];
  return handshakeOf(random, shuffle(random, seeds, [...TRANSPORT, ...USERAUTH, ...CONNECTION]));
}

function userauth(random: Random): Message[] {
  const seeds = Array.from({ length: random.integer(1, 5) }, () => pick(random, USERAUTH));
  return shuffle(random, seeds, [...USERAUTH, ...TRANSPORT, ...CONNECTION]);
}

/** Much of it of one channel, as what is wrong may be the order. */
function connection(random: Random, stage: Stage): Message[] {
  const channel = ofChannel(pick(random, CHANNELS));
  const seeds = Array.from({ length: random.integer(1, 12) }, () =>
    pick(random, pick(random, [channel, channel, OPENS, CONNECTION])),
  );
  const messages = shuffle(random, seeds, [...CONNECTION, ...CONNECTION, ...TRANSPORT, ...USERAUTH]);
  // Else there is little that goes on.
  const isAnswered = stage === 'open' && random.chance(0.8);
  return isAnswered ? [...CHANNELS.slice(0, 2).map(confirmation), ...messages] : messages;
}
