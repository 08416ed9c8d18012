import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import type { Attack } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { gatewaysNumberOf, Peer } from './peer.ts';

/**
 * The SSH server of a hostile student: `node server-process.ts <socket> <host key>`. Which attack it makes is told it by
 * its parent; a process of its own, so that what it needs is not the gateway's.
 */
const [path = '', hostKeyPath = ''] = process.argv.slice(2);
const HONEST: Attack = { ends: 0 };
let attack = HONEST;

function serve(connection: Connection): void {
  const { login, ready, open, exec } = attack;
  const peer = new Peer(connection);
  connection.on('error', () => {});
  connection.on('authentication', (context) => (login === undefined ? context.accept() : undefined));
  if (login !== undefined) connection.once('handshake', () => setImmediate(() => login(peer, connection)));
  connection.once('ready', () => ready?.(peer));
  if (open !== undefined) answerOpens(connection, (id) => open(peer, id));
  connection.on('session', (accept) => {
    accept().on('exec', (acceptExec) => {
      const channel = acceptExec();
      if (channel === undefined) return;
      channel.on('error', () => {});
      if (exec !== undefined) return exec(peer, gatewaysNumberOf(channel));
      channel.exit(0);
      channel.end();
    });
  });
}

/** In the place of ssh2, which would answer. */
function answerOpens(connection: Connection, answer: (id: number) => void): void {
  const { _protocol } = connection as unknown as {
    readonly _protocol: { readonly _handlers: Record<string, unknown> };
  };
  _protocol._handlers.CHANNEL_OPEN = (_: unknown, { sender }: { readonly sender: number }) => answer(sender);
}

const ssh = new ssh2.Server({ hostKeys: [readFileSync(hostKeyPath)], ident: 'OpenSSH_9.2p1' }, serve);
const server = createServer((socket: Socket) => {
  socket.on('error', () => {});
  if (attack.raw === undefined) return void ssh.injectSocket(socket);
  attack.raw(socket);
  socket.resume();
});
server.listen(path, () => process.send?.('listening'));
process.on('message', (name) => {
  attack = ATTACKS[String(name)] ?? HONEST;
  process.send?.('set');
});
process.on('disconnect', () => process.exit());
// What it meets when the gateway ends a connection under its hands is what it is for.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
