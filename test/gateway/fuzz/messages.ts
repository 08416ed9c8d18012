import { bool, byte, type Message, raw, string, uint32 } from './wire.ts';

// What a client that keeps to the protocol sends: the seeds that are mutated.

const ZEROS = Buffer.alloc(32, 1);

/** RFC 4253 §7.1. */
export function kexInit({
  kex = 'curve25519-sha256',
  hostKeys = 'ssh-ed25519,rsa-sha2-256',
  follows = false,
} = {}): Message {
  const lists = [
    kex,
    hostKeys,
    'aes128-gcm@openssh.com,aes128-ctr',
    'aes128-gcm@openssh.com,aes128-ctr',
    'hmac-sha2-256-etm@openssh.com,hmac-sha2-256',
    'hmac-sha2-256-etm@openssh.com,hmac-sha2-256',
    'none,zlib@openssh.com',
    'none,zlib@openssh.com',
    '',
    '',
  ];
  return [byte(20), raw(ZEROS.subarray(16)), ...lists.map((list) => string(list)), bool(follows), uint32(0)];
}

/** RFC 8731 §3: any 32 bytes are a point of the curve. */
export const X25519_KEY = Buffer.alloc(32, 9);

/** The gateway's own key exchange, and its first choice. */
export const HYBRID = 'mlkem768x25519-sha256';

/** Well-formed: each 12 bits of it are below ML-KEM's modulus (FIPS 203 §7.2). */
const ENCAPSULATION_KEY = Buffer.alloc(1184, 1);

/** C_INIT of draft-ietf-sshm-mlkem-hybrid-kex, where ML-KEM comes first. */
export const HYBRID_KEY = Buffer.concat([ENCAPSULATION_KEY, X25519_KEY]);

/** A client's first message of either exchange. */
export const keyExchangeInit = (key: Buffer): Message => [byte(30), string(key)];
export const KEX_ECDH_INIT = keyExchangeInit(X25519_KEY);

export const NEW_KEYS: Message = [byte(21)];

/** RFC 4253 §11; they may come at any time. */
export const TRANSPORT: readonly Message[] = [
  [byte(2), string('ignored')],
  [byte(3), uint32(7)],
  [byte(4), bool(true), string('a debug message'), string('en')],
  [byte(5), string('ssh-userauth')],
  [byte(5), string('ssh-connection')],
  [byte(6), string('ssh-userauth')],
  [byte(7), uint32(1), string('server-sig-algs'), string('ssh-ed25519')],
  [byte(1), uint32(11), string('bye'), string('')],
  [byte(192), string('ping@openssh.com')],
  kexInit(),
  KEX_ECDH_INIT,
  kexInit({ kex: HYBRID }),
  keyExchangeInit(HYBRID_KEY),
  NEW_KEYS,
];

const ED25519 = Buffer.concat([
  Buffer.from('0000000b7373682d65643235353139', 'hex'),
  Buffer.from('00000020', 'hex'),
  ZEROS,
]);
const SIGNATURE = Buffer.concat([
  Buffer.from('0000000b7373682d65643235353139', 'hex'),
  Buffer.from('00000040', 'hex'),
  ZEROS,
  ZEROS,
]);

const userAuth = (method: string, ...rest: Message): Message => [
  byte(50),
  string('alice'),
  string('ssh-connection'),
  string(method),
  ...rest,
];

/** RFC 4252, 4256. */
export const USERAUTH: readonly Message[] = [
  userAuth('none'),
  userAuth('password', bool(false), string('secret')),
  userAuth('password', bool(true), string('secret'), string('new')),
  userAuth('publickey', bool(false), string('ssh-ed25519'), string(ED25519)),
  userAuth('publickey', bool(true), string('ssh-ed25519'), string(ED25519), string(SIGNATURE)),
  userAuth('publickey', bool(true), string('rsa-sha2-512'), string(ED25519), string(SIGNATURE)),
  userAuth('publickey', bool(true), string('ecdsa-sha2-nistp256'), string(ED25519), string(SIGNATURE)),
  userAuth('keyboard-interactive', string(''), string('pam,otp')),
  userAuth(
    'hostbased',
    string('ssh-ed25519'),
    string(ED25519),
    string('host.example.org'),
    string('alice'),
    string(SIGNATURE),
  ),
  [byte(61), uint32(1), string('an answer')],
  [byte(60), string('what no client sends')],
  [byte(51), string('publickey'), bool(false)],
  [byte(52)],
];

const channelOpen = (type: string, ...rest: Message): Message => [
  byte(90),
  string(type),
  uint32(0),
  uint32(2_097_152),
  uint32(32_768),
  ...rest,
];

const request = (channel: number, type: string, reply: boolean, ...rest: Message): Message => [
  byte(98),
  uint32(channel),
  string(type),
  bool(reply),
  ...rest,
];

/** How most streams begin, so that there is something to ask. */
export const SESSION_OPEN = channelOpen('session');

const OPENS: readonly Message[] = [
  SESSION_OPEN,
  channelOpen('direct-tcpip', string('127.0.0.1'), uint32(80), string('127.0.0.1'), uint32(50_000)),
  channelOpen('direct-streamlocal@openssh.com', string('/tmp/socket'), string(''), uint32(0)),
  channelOpen('forwarded-tcpip', string('127.0.0.1'), uint32(80), string('127.0.0.1'), uint32(50_000)),
  channelOpen('x11', string('127.0.0.1'), uint32(6_000)),
  channelOpen('auth-agent@openssh.com'),
  [byte(91), uint32(0), uint32(0), uint32(2_097_152), uint32(32_768)],
  [byte(92), uint32(0), uint32(1), string('no'), string('en')],
];

const MODES = Buffer.from('03000000ff2a000000018100009600800000960000', 'hex');

/** Everything that RFC 4254 §6 and OpenSSH have a client ask of channel 0. */
export const CHANNEL_REQUESTS: readonly Message[] = [
  request(0, 'env', true, string('LANG'), string('C.UTF-8')),
  request(0, 'pty-req', true, string('xterm'), uint32(80), uint32(24), uint32(0), uint32(0), string(MODES)),
  request(0, 'x11-req', true, bool(false), string('MIT-MAGIC-COOKIE-1'), string('00ff'), uint32(0)),
  request(0, 'auth-agent-req@openssh.com', true),
  request(0, 'shell', true),
  request(0, 'exec', true, string('echo in')),
  request(0, 'exec', true, string('@help')),
  request(0, 'subsystem', true, string('sftp')),
  request(0, 'window-change', false, uint32(120), uint32(40), uint32(0), uint32(0)),
  request(0, 'xon-xoff', true, bool(true)),
  request(0, 'signal', false, string('INT')),
  request(0, 'break', true, uint32(500)),
  request(0, 'exit-status', false, uint32(0)),
  request(0, 'exit-signal', false, string('TERM'), bool(false), string(''), string('')),
  request(0, 'eow@openssh.com', false),
  request(0, 'keepalive@openssh.com', true),
];

const DATA: readonly Message[] = [
  [byte(94), uint32(0), string('some input\n')],
  [byte(94), uint32(0), string(Buffer.alloc(20_000, 'x'))],
  [byte(95), uint32(0), uint32(1), string('errors')],
  [byte(93), uint32(0), uint32(65_536)],
  [byte(96), uint32(0)],
  [byte(97), uint32(0)],
  [byte(99), uint32(0)],
  [byte(100), uint32(0)],
];

export const globalRequest = (name: string, reply: boolean, ...rest: Message): Message => [
  byte(80),
  string(name),
  bool(reply),
  ...rest,
];

const GLOBAL_REQUESTS: readonly Message[] = [
  globalRequest('tcpip-forward', true, string('127.0.0.1'), uint32(0)),
  globalRequest('cancel-tcpip-forward', true, string('127.0.0.1'), uint32(8_000)),
  globalRequest('streamlocal-forward@openssh.com', true, string('/tmp/socket')),
  globalRequest('cancel-streamlocal-forward@openssh.com', true, string('/tmp/socket')),
  globalRequest('no-more-sessions@openssh.com', false),
  globalRequest('keepalive@openssh.com', true),
  globalRequest('hostkeys-00@openssh.com', true, string(ED25519)),
  globalRequest('hostkeys-prove-00@openssh.com', true, string(ED25519)),
  [byte(81)],
  [byte(82)],
];

/** What a client sends once it is in. */
export const CONNECTION: readonly Message[] = [
  ...OPENS,
  ...CHANNEL_REQUESTS,
  ...CHANNEL_REQUESTS,
  ...DATA,
  ...GLOBAL_REQUESTS,
];
