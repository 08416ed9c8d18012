import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMlKem } from '../../src/gateway/ssh/hybrid/ml-kem.ts';
import { mlkem768x25519 } from '../../src/gateway/ssh/hybrid/mlkem768x25519.ts';
import { KEX_ECDH_INIT, kexInit } from './fuzz/messages.ts';
import { byte, encode, type Message, packet, plainPayloads, string } from './fuzz/wire.ts';
import { GatewayUnderTest } from './gateway-under-test.ts';

// A client may send the first message of the key exchange that it expects beside its KEXINIT, as dropbear's does: RFC 4253 §7.1.

/** The gateway's first choice. */
const HYBRID = mlkem768x25519(await openMlKem(pino({ level: 'silent' })));
const HYBRID_INIT: Message = [byte(30), string(HYBRID.start().init)];

/** Who takes this for the first message of any exchange ends the connection. */
const NO_KEY: Message = [byte(30), string('')];

const KEXINIT = 20;
const KEX_REPLY = 31;
const NEW_KEYS = 21;
const DISCONNECT = 1;

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await GatewayUnderTest.start();
});
afterAll(() => it[Symbol.asyncDispose]());

test('a right guess is taken: the answer comes with no second message', async () => {
  const kex = `${HYBRID.name},curve25519-sha256`;
  expect(await answers([kexInit({ kex, follows: true }), HYBRID_INIT])).toEqual([
    KEXINIT,
    KEX_REPLY,
    NEW_KEYS,
  ]);
});

test.each([
  ["of a method that is not the gateway's first", { kex: 'curve25519-sha256' }, KEX_ECDH_INIT],
  ['of a method that the gateway does not have', { kex: 'x,curve25519-sha256' }, KEX_ECDH_INIT],
  [
    "of a host key that is not the gateway's first",
    { kex: HYBRID.name, hostKeys: 'rsa-sha2-256,ssh-ed25519' },
    HYBRID_INIT,
  ],
])('a wrong guess, %s, is skipped, and what follows is answered', async (_, lists, init) => {
  expect(await answers([kexInit({ ...lists, follows: true }), NO_KEY, init])).toEqual([
    KEXINIT,
    KEX_REPLY,
    NEW_KEYS,
  ]);
});

test('what was not announced as a guess is none', async () => {
  expect(await answers([kexInit(), NO_KEY, KEX_ECDH_INIT])).toEqual([KEXINIT, DISCONNECT]);
});

/** The kinds of the messages that the gateway sends until its keys are in use or it ends the connection. */
async function answers(messages: readonly Message[]): Promise<readonly number[]> {
  const socket = connect({ host: '127.0.0.1', port: it.gateway.address.port });
  const signal = AbortSignal.timeout(30_000);
  await once(socket, 'connect', { signal });
  socket.write(
    Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), ...messages.map((each) => packet(encode(each)))]),
  );
  let heard = Buffer.alloc(0);
  try {
    for (;;) {
      const [data]: Buffer[] = await once(socket, 'data', { signal });
      heard = Buffer.concat([heard, data ?? Buffer.alloc(0)]);
      const kinds = plainPayloads(heard).map((payload) => payload.readUInt8());
      if (kinds.includes(NEW_KEYS) || kinds.includes(DISCONNECT)) return kinds;
    }
  } finally {
    socket.destroy();
  }
}
