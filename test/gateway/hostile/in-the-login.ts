import {
  type Attacks,
  BIG,
  ESCAPES,
  FLOOD,
  flood,
  MOST,
  NOT_STARTED,
  REFUSED,
  SILENT,
  silent,
} from './attack.ts';
import { MESSAGE } from './packets.ts';

/** What it does when the gateway shows its key. */
export const IN_THE_LOGIN: Attacks = {
  'is silent in the login': { login: silent, ends: SILENT },
  'sends banners with escapes for ever': {
    login: flood(MESSAGE.authBanner, ESCAPES + BIG, ''),
    ends: NOT_STARTED,
  },
  'asks for the signature again and again': {
    login: (peer, connection) => {
      connection.on('authentication', (context) => {
        if (context.method !== 'publickey' || context.signature !== undefined) return;
        const { algo, data } = context.key;
        void peer.flood(FLOOD, () => peer.send(MESSAGE.authPublicKeyOk, algo, data));
      });
    },
    ends: NOT_STARTED,
  },
  'was content with the key, in part, for ever': {
    login: flood(MESSAGE.authFailure, 'publickey,password,keyboard-interactive,hostbased', true),
    ends: NOT_STARTED,
  },
  'asks for a password': {
    login: (peer, connection) => {
      connection.on('authentication', () => {
        peer.send(MESSAGE.authFailure, 'password,keyboard-interactive', false);
        peer.send(MESSAGE.authPublicKeyOk, 'Password:', '', '', 1, 'Password:', true);
      });
    },
    ends: NOT_STARTED,
  },
  'lets in before it was asked, a thousand times': { login: flood(MESSAGE.authSuccess), ends: REFUSED },
  'opens channels before the login': {
    login: flood(MESSAGE.channelOpen, 'x11', 1, MOST, MOST, '::1', 6_000),
    ends: NOT_STARTED,
  },
  'ends with escapes in its last words': {
    login: (peer) => {
      peer.send(MESSAGE.debug, true, ESCAPES, '');
      peer.send(MESSAGE.disconnect, 2, ESCAPES + BIG, '');
    },
    ends: NOT_STARTED,
  },
};
