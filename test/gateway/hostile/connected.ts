import { type Attacks, BIG, ESCAPES, FLOOD, flood, MOST, NO_ANSWER, REFUSED, silent } from './attack.ts';
import { MESSAGE, uint32 } from './packets.ts';

/** What it does before a command runs. */
export const CONNECTED: Attacks = {
  'sends what nobody has asked for': {
    ready: flood(MESSAGE.ignore, BIG),
    open: silent,
    ends: NO_ANSWER,
  },
  'sends debug messages for ever': {
    ready: flood(MESSAGE.debug, true, ESCAPES + BIG, ''),
    open: silent,
    ends: NO_ANSWER,
  },
  'sends messages of unknown kinds': { ready: flood(192, BIG), open: silent, ends: NO_ANSWER },
  'asks globally for ever, and does not read the answers': {
    ready: (peer) => {
      peer.stopReading();
      void peer.flood(FLOOD, () => peer.send(MESSAGE.globalRequest, 'keepalive@openssh.com', true));
    },
    ends: NO_ANSWER,
  },
  'shows host keys for ever': {
    ready: (peer) => {
      const key = Buffer.concat([uint32(11), Buffer.from('ssh-ed25519'), uint32(32), Buffer.alloc(32, 7)]);
      void peer.flood(FLOOD, () =>
        peer.send(MESSAGE.globalRequest, 'hostkeys-00@openssh.com', false, ...Array<Buffer>(400).fill(key)),
      );
    },
    open: silent,
    ends: NO_ANSWER,
  },
  'answers what was not asked': {
    ready: flood(MESSAGE.requestSuccess, BIG),
    open: silent,
    ends: NO_ANSWER,
  },
  'opens forwards, agents and X11 that nobody asked for': {
    ready: (peer) =>
      void peer.flood(FLOOD, (round) => {
        peer.send(MESSAGE.channelOpen, 'forwarded-tcpip', round, MOST, MOST, '127.0.0.1', 22, '::1', 1);
        peer.send(
          MESSAGE.channelOpen,
          'forwarded-streamlocal@openssh.com',
          round,
          MOST,
          MOST,
          'toString',
          '',
        );
        peer.send(MESSAGE.channelOpen, 'auth-agent@openssh.com', round, MOST, MOST);
        peer.send(MESSAGE.channelOpen, 'x11', round, MOST, MOST, '::1', 6_000);
        peer.send(MESSAGE.channelOpen, 'session', round, MOST, MOST);
      }),
    open: silent,
    ends: NO_ANSWER,
  },
  'opens channels with packets of nothing': {
    ready: (peer) => peer.send(MESSAGE.channelOpen, 'x11', 1, MOST, 0, '::1', 6_000),
    ends: REFUSED,
  },
  'writes to channels that are not there': {
    ready: (peer) => void peer.flood(FLOOD, (round) => peer.send(MESSAGE.channelData, round % 1_000, BIG)),
    open: silent,
    ends: NO_ANSWER,
  },
  'writes to a channel whose number cannot be': {
    ready: (peer) => peer.send(MESSAGE.channelData, MOST, 'x'),
    ends: REFUSED,
  },
  'begins new keys and does not finish': {
    ready: (peer) => peer.send(MESSAGE.kexinit, Buffer.alloc(3)),
    ends: REFUSED,
  },
  'answers no channel': { open: silent, ends: NO_ANSWER },
  'refuses channels with escapes': {
    open: (peer, id) => peer.send(MESSAGE.channelOpenFailure, id, 2, ESCAPES + BIG, ''),
    ends: REFUSED,
  },
  'gives channels packets of nothing': {
    open: (peer, id) => peer.send(MESSAGE.channelConfirmation, id, 7, MOST, 0),
    ends: REFUSED,
  },
  'gives the same channel a thousand times': {
    open: (peer, id) =>
      void peer.flood(FLOOD, () => peer.send(MESSAGE.channelConfirmation, id, 7, MOST, MOST)),
    ends: NO_ANSWER,
  },
  'writes to standard error after its end, before the command was answered': {
    open: (peer, id) => {
      peer.send(MESSAGE.channelConfirmation, id, 7, MOST, MOST);
      peer.send(MESSAGE.eof, id);
      peer.send(MESSAGE.extendedData, id, 1, 'after the end');
      peer.send(MESSAGE.channelData, id, 'after the end');
    },
    ends: NO_ANSWER,
  },
  'closes a channel that it has not opened': {
    open: (peer, id) => peer.send(MESSAGE.close, id),
    ends: REFUSED,
  },
};
