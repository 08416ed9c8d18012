import { globalRequest, kexInit, NEW_KEYS } from '../messages.ts';
import { bool, byte, type Message, string, uint32 } from '../wire.ts';
import { HOST_KEYS, KEX_REPLIES } from './key-exchange.ts';
import { PLACE } from './marks.ts';

// What an SSH server that keeps to the protocol sends: the seeds that are mutated.

/** In a step: the place of the path of the lab's door, which the gateway chooses. */
export const DOOR = '/the/door/of/the/lab';

/** What the student's -R asks for. */
export const FORWARDED = { host: '127.0.0.1', port: 4_000, path: '/tmp/granted' };

/** What is granted where any port will do. */
export const ANY_PORT = 4_001;

/** RFC 4253 §11; they may come at any time. */
export const TRANSPORT: readonly Message[] = [
  [byte(1), uint32(11), string('bye'), string('')],
  [byte(1), uint32(2), string(PLACE), string('')],
  [byte(2), string(PLACE)],
  [byte(3), uint32(7)],
  [byte(4), bool(true), string(PLACE), string('en')],
  [byte(6), string('ssh-userauth')],
  [byte(7), uint32(1), string('server-sig-algs'), string('ssh-ed25519')],
  [byte(192), string('ping@openssh.com')],
  kexInit(),
  NEW_KEYS,
  ...KEX_REPLIES.slice(0, 1).map(({ reply }) => reply),
];

/** RFC 4252, 4256. */
export const USERAUTH: readonly Message[] = [
  [byte(6), string('ssh-userauth')],
  [byte(51), string('publickey,password'), bool(false)],
  [byte(51), string('publickey'), bool(true)],
  [byte(52)],
  [byte(53), string(PLACE), string('en')],
  [byte(60), string('ssh-ed25519'), ...HOST_KEYS.slice(0, 1)],
  [byte(60), string('Password:'), string(''), string(''), uint32(1), string('Password:'), bool(true)],
];

const open = (type: string, ...rest: Message): Message => [
  byte(90),
  string(type),
  uint32(40),
  uint32(2_097_152),
  uint32(32_768),
  ...rest,
];

const toPort = (port: number): Message =>
  open('forwarded-tcpip', string(FORWARDED.host), uint32(port), string('127.0.0.1'), uint32(50_000));
const toSocket = (path: string): Message =>
  open('forwarded-streamlocal@openssh.com', string(path), string(''));

/** To what was granted, and to what nobody asked for. */
export const OPENS: readonly Message[] = [
  toPort(FORWARDED.port),
  toPort(ANY_PORT),
  toPort(22),
  toSocket(FORWARDED.path),
  toSocket(DOOR),
  toSocket('/tmp/other'),
  open('auth-agent@openssh.com'),
  open('x11', string('127.0.0.1'), uint32(6_000)),
  open('session'),
  open('direct-tcpip', string('127.0.0.1'), uint32(80), string('127.0.0.1'), uint32(50_000)),
];

const DATA = string(Buffer.alloc(8_000, PLACE));

/** The gateway's numbers of its channels: of the student's command and -L, and of what was opened here. */
export const CHANNELS = [0, 1, 2];

export const confirmation = (id: number): Message => [
  byte(91),
  uint32(id),
  uint32(id),
  uint32(2_097_152),
  uint32(32_768),
];

/** All that may be said of a channel. */
export function ofChannel(id: number): Message[] {
  const request = (type: string, reply: boolean, ...rest: Message): Message => [
    byte(98),
    uint32(id),
    string(type),
    bool(reply),
    ...rest,
  ];
  return [
    confirmation(id),
    [byte(92), uint32(id), uint32(1), string(PLACE), string('en')],
    [byte(93), uint32(id), uint32(65_536)],
    [byte(94), uint32(id), string(PLACE)],
    [byte(94), uint32(id), DATA],
    [byte(95), uint32(id), uint32(1), string(PLACE)],
    [byte(95), uint32(id), uint32(1), DATA],
    [byte(96), uint32(id)],
    [byte(97), uint32(id)],
    [byte(99), uint32(id)],
    [byte(100), uint32(id)],
    request('exit-status', false, uint32(3)),
    request('exit-signal', false, string('TERM'), bool(true), string(PLACE), string('')),
    request('eow@openssh.com', false),
    request('keepalive@openssh.com', true),
    request('xon-xoff', false, bool(true)),
  ];
}

const GLOBAL: readonly Message[] = [
  globalRequest('hostkeys-00@openssh.com', false, ...HOST_KEYS),
  globalRequest('keepalive@openssh.com', true),
  globalRequest('tcpip-forward', true, string('127.0.0.1'), uint32(0)),
  [byte(81)],
  [byte(81), uint32(ANY_PORT)],
  [byte(82)],
];

/** What a server sends once the gateway is in. */
export const CONNECTION: readonly Message[] = [...OPENS, ...GLOBAL, ...CHANNELS.flatMap(ofChannel)];
