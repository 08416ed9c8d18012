import { expect, test } from 'vitest';
import { takePort } from '../../test/e2e/harness/taken-port.ts';
import type { ListenAddress } from './factory-config.ts';
import { assertPortsFree } from './ports-free.ts';

/** A link-local address without the interface that it is on: nobody can listen there, whatever the machine has. */
const NOWHERE = { host: 'fe80::1', port: 4711 };
/** RFC 5737: for examples, and no machine's own. */
const NOT_HERE = { host: '192.0.2.1', port: 4711 };

function check(...addresses: readonly ListenAddress[]): Promise<void> {
  const listens = addresses.map((address, index) => ({ path: ['listen', index], address }));
  return assertPortsFree({ listens, problemAt: () => undefined, workingFolder: '/' });
}

test('what may pass is PORT_IN_USE: a port that is taken, an address that is not there yet', async () => {
  await using taken = await takePort();
  const { port } = taken;
  await expect(check({ host: '127.0.0.1', port }, NOT_HERE)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringMatching(/another program listens.*\n.*this machine has no address 192\.0\.2\.1/),
  });
});

test('an address that only a person can mend is a mistake of the configuration, whatever else is wrong', async () => {
  await using taken = await takePort();
  const { port } = taken;
  await expect(check({ host: '127.0.0.1', port }, NOWHERE)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/another program listens.*\n.*fe80::1/),
  });
});
