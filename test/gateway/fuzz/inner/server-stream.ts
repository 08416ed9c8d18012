import { Random } from '../../../soak/random.ts';
import { kexInit, NEW_KEYS } from '../messages.ts';
import { mutate, pick, shuffle } from '../mutate.ts';
import { handshakeOf, type Stage, type Stream } from '../stream.ts';
import type { Message } from '../wire.ts';
import { KEX_REPLIES } from './key-exchange.ts';
import { CONNECTION, OPENS, TRANSPORT, USERAUTH } from './server-messages.ts';

/** A stream's `variant`: how the server sends its steps, and what it does then. */
export const MANNERS = [
  'all at once',
  'a step a turn',
  'new keys in the middle',
  /** Before the login alone: after that the gateway leaves a silent server alone. */
  'silence at the end',
] as const;

/** The gateway waits for each for as long as a server may take to be ready. */
const SILENT = 0.02;

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
  const random = new Random(Math.imul(seed, 2_654_435_761) ^ Math.imul(index + 1, 40_503));
  const stage = pick(random, STAGES);
  const isIn = stage !== 'connect' && stage !== 'userauth';
  const variant = !isIn && random.chance(SILENT) ? 3 : random.integer(0, isIn ? 2 : 1);
  if (stage === 'connect') return { stage, variant, steps: handshake(random) };
  const messages = isIn ? connection(random) : userauth(random);
  return { stage, variant, steps: messages.map((message) => mutate(random, message)) };
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

function connection(random: Random): Message[] {
  const seeds = Array.from({ length: random.integer(1, 10) }, () =>
    pick(random, random.chance(0.25) ? OPENS : CONNECTION),
  );
  return shuffle(random, seeds, [...CONNECTION, ...CONNECTION, ...TRANSPORT, ...USERAUTH]);
}
