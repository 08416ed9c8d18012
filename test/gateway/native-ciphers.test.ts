import { execa } from 'execa';
import { expect, test } from 'vitest';
import { hasNativeCrypto } from '../../src/gateway/ssh/native-crypto.ts';

/** Makes ciphers as each key exchange does, and forgets them; the heap's garbage is JavaScript's, as in a busy gateway. */
const FORGETTER = `
  const { createCipher, CIPHER_INFO, init } = require('ssh2/lib/protocol/crypto.js');
  const cipherInfo = CIPHER_INFO['aes128-gcm@openssh.com'];
  const outbound = { onWrite() {}, cipherInfo, cipherKey: Buffer.alloc(16), cipherIV: Buffer.alloc(12), seqno: 0 };
  let rounds = 0;
  const round = () => {
    for (let i = 0; i < 20; i += 1) {
      createCipher({ outbound });
      const garbage = [];
      for (let j = 0; j < 2_000; j += 1) garbage.push({ j });
    }
    rounds += 1;
    if (rounds < 1_000) setImmediate(round);
    else console.log('alive');
  };
  init.then(round);
`;

test.runIf(hasNativeCrypto())(
  'the native ciphers outlive the collection of those that are done',
  async () => {
    const { stdout } = await execa(process.execPath, ['-e', FORGETTER], {
      cwd: import.meta.dirname,
      timeout: 60_000,
    });
    expect(stdout).toBe('alive');
  },
);
