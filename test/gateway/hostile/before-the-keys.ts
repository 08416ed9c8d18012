import type { Socket } from 'node:net';
import { type Attacks, FLOOD, MOST, NOT_STARTED, SILENT, silent } from './attack.ts';
import { MESSAGE, uint32 } from './packets.ts';

const IDENT = 'SSH-2.0-OpenSSH_9.2p1\r\n';

function repeat(socket: Socket, data: Buffer | string): void {
  const end = Date.now() + FLOOD;
  const more = (): void => {
    if (Date.now() < end && socket.writable) socket.write(data, () => setImmediate(more));
  };
  more();
}

/** What it sends in the place of a handshake. */
export const BEFORE_THE_KEYS: Attacks = {
  'says nothing at all': { raw: silent, ends: SILENT },
  'sends garbage in the place of its version': {
    raw: (socket) => repeat(socket, Buffer.alloc(65_536, 0x9b)),
    ends: NOT_STARTED,
  },
  'sends lines before its version for ever': {
    raw: (socket) => repeat(socket, 'hello\r\n'.repeat(9_000)),
    ends: NOT_STARTED,
  },
  'never ends the line of its version': {
    raw: (socket) => repeat(socket, `SSH-2.0-${'x'.repeat(60_000)}`),
    ends: NOT_STARTED,
  },
  'is silent after its version': { raw: (socket) => void socket.write(IDENT), ends: SILENT },
  'lies about the length of its first packet': {
    raw: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(IDENT), uint32(MOST), Buffer.alloc(300_000)])),
    ends: NOT_STARTED,
  },
  'announces a packet of 256 KiB': {
    raw: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(IDENT), uint32(262_148), Buffer.alloc(300_000)])),
    ends: NOT_STARTED,
  },
  'pads its first packet with more than it has': {
    raw: (socket) =>
      void socket.write(
        Buffer.concat([Buffer.from(IDENT), uint32(12), Buffer.from([255]), Buffer.alloc(11)]),
      ),
    ends: NOT_STARTED,
  },
  'has nothing but compression and old ciphers': {
    raw: (socket) => {
      const names = [
        'diffie-hellman-group1-sha1',
        'ssh-rsa',
        '3des-cbc',
        '3des-cbc',
        'hmac-md5',
        'hmac-md5',
        'zlib',
        'zlib',
        '',
        '',
      ];
      const lists = names.map((name) => Buffer.concat([uint32(name.length), Buffer.from(name)]));
      const payload = Buffer.concat([
        Buffer.from([MESSAGE.kexinit]),
        Buffer.alloc(16),
        ...lists,
        Buffer.alloc(5),
      ]);
      const padding = 16 - ((payload.length + 5) % 8);
      const head = Buffer.concat([uint32(payload.length + padding + 1), Buffer.from([padding])]);
      socket.write(Buffer.concat([Buffer.from(IDENT), head, payload, Buffer.alloc(padding)]));
    },
    ends: NOT_STARTED,
  },
};
