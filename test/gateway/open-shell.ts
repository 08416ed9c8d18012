import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type ClientChannel, type PseudoTtyOptions } from 'ssh2';
import { type GatewayUnderTest, PATIENT, until } from './gateway-under-test.ts';

/** A shell by a client of which the test is the terminal. */
export async function openShell(
  on: GatewayUnderTest,
  pty: PseudoTtyOptions = { cols: 80, rows: 24, term: 'xterm' },
) {
  const client = new ssh2.Client();
  const privateKey = await readFile(join(on.folder, 'id'), 'utf8');
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    const { port } = on.gateway.address;
    client.connect({ host: '127.0.0.1', port, username: 'alice', privateKey, ...PATIENT });
  });
  const stream = await new Promise<ClientChannel>((resolve, reject) =>
    client.shell(pty, {}, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
  let seen = '';
  let exit: number | undefined;
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  stream.on('exit', (code: number) => {
    exit = code;
  });
  return {
    client,
    stream,
    type: (text: string) => stream.write(text),
    sees: (text: RegExp) => until(() => text.test(seen)),
    seen: () => seen,
    exit: () => exit,
    [Symbol.dispose]: () => void client.end(),
  };
}
