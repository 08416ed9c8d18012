import { type Attacks, BIG, ESCAPES, exits, FLOOD, LOST, MOST } from './attack.ts';
import { MESSAGE, uint32 } from './packets.ts';
import type { Peer } from './peer.ts';

/** Far longer than a gateway puts up with; ms. */
const UNTIL_ENDED = 30_000;

/** Key exchanges one after the other: far more than an honest sshd has in days. */
const MANY_KEYS = 200;

/** A flood on the command's channel, and then its end. */
function onChannel(send: (peer: Peer, id: number) => void, ms = FLOOD): (peer: Peer, id: number) => void {
  return (peer, id) => void peer.flood(ms, () => send(peer, id)).then(() => exits(peer, id));
}

async function newKeys(peer: Peer, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await peer.rekey();
}

/** What it does in the place of a command. */
export const RUNNING: Attacks = {
  'writes to standard error after its end': {
    exec: (peer, id) => {
      peer.send(MESSAGE.eof, id);
      peer.send(MESSAGE.extendedData, id, 1, 'after the end');
      peer.send(MESSAGE.channelData, id, 'after the end');
      exits(peer, id);
    },
    ends: 0,
  },
  'writes beyond the window': {
    // Where it is slow and the client is not, the window opens as fast as it writes.
    exec: onChannel((peer, id) => peer.send(MESSAGE.channelData, id, BIG), UNTIL_ENDED),
    ends: LOST,
  },
  'writes to standard error beyond the window': {
    exec: onChannel((peer, id) => peer.send(MESSAGE.extendedData, id, 1, BIG), UNTIL_ENDED),
    ends: LOST,
  },
  'writes to streams that there are not': {
    exec: onChannel((peer, id) => peer.send(MESSAGE.extendedData, id, 77, BIG)),
    ends: 0,
  },
  'writes nothing for ever': {
    exec: onChannel((peer, id) => peer.send(MESSAGE.channelData, id, '')),
    ends: 0,
  },
  'opens its window for ever': {
    exec: onChannel((peer, id) => peer.send(MESSAGE.windowAdjust, id, MOST)),
    ends: 0,
  },
  'asks of the channel for ever, and does not read the answers': {
    exec: (peer, id) => {
      peer.stopReading();
      void peer.flood(UNTIL_ENDED, () =>
        peer.send(MESSAGE.channelRequest, id, 'keepalive@openssh.com', true),
      );
    },
    ends: LOST,
  },
  'asks for new keys ten times': {
    exec: (peer, id) => void newKeys(peer, 10).then(() => exits(peer, id)),
    ends: 0,
  },
  'asks for new keys all the time': {
    exec: (peer, id) => void newKeys(peer, MANY_KEYS).then(() => exits(peer, id)),
    ends: LOST,
  },
  'asks for new keys and is silent then': {
    exec: (peer) => {
      void peer.rekey();
      peer.stopReading();
    },
    ends: LOST,
  },
  'asks for new keys and sends other things then': {
    exec: (peer) => {
      void peer.rekey();
      peer.stopReading();
      void peer.flood(UNTIL_ENDED, () => peer.send(MESSAGE.ignore, BIG));
    },
    ends: LOST,
  },
  'ends for ever': {
    exec: (peer, id) =>
      void peer.flood(FLOOD, () => {
        peer.send(MESSAGE.eof, id);
        peer.send(MESSAGE.close, id);
      }),
    ends: 255,
  },
  'exits twice, and once more when it is closed': {
    exec: (peer, id) => {
      peer.send(MESSAGE.channelRequest, id, 'exit-status', false, 3);
      exits(peer, id, 4);
      exits(peer, id, 5);
    },
    ends: 3,
  },
  'is killed by a signal with a long name': {
    exec: (peer, id) => {
      peer.send(MESSAGE.channelRequest, id, 'exit-signal', false, BIG, true, ESCAPES, '');
      peer.send(MESSAGE.close, id);
    },
    ends: 128,
  },
  'answers requests that were not made': {
    exec: (peer, id) =>
      onChannel(() => {
        peer.send(MESSAGE.channelSuccess, id);
        peer.send(MESSAGE.channelFailure, id);
      })(peer, id),
    ends: 0,
  },
  'lies about a length within a packet': {
    exec: (peer, id) =>
      peer.sendRaw(Buffer.concat([Buffer.from([MESSAGE.channelData]), uint32(id), uint32(MOST)])),
    ends: LOST,
  },
  'sends garbage in the place of a packet': {
    exec: (peer) => peer.bytes(Buffer.alloc(100_000, 0x41)),
    ends: LOST,
  },
  'ends with escapes in its last words, later': {
    exec: (peer) => peer.send(MESSAGE.disconnect, 11, ESCAPES + BIG, ''),
    ends: LOST,
  },
};
