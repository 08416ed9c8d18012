import { createRequire } from 'node:module';
import { z } from 'zod';

const SSH2_CRYPTO = z.object({ bindingAvailable: z.boolean() });

/** Whether ssh2 found its native addon; without it throughput falls to half. */
export function hasNativeCrypto(): boolean {
  const load = createRequire(import.meta.url);
  return SSH2_CRYPTO.parse(load('ssh2/lib/protocol/crypto.js')).bindingAvailable;
}
