import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type ServerChannel,
  type Session,
} from 'ssh2';
import { countBuffersWithTheHeap } from '../../src/cli/buffer-memory.ts';
import { ExecDuplex } from '../../src/docker-engine/exec-duplex.ts';

// As the factory does.
countBuffersWithTheHeap();

/*
 * An SSH server in front of one container, as simple as one would write it: each shell, command or sftp is a `docker exec`. It has no
 * second hop, no sessions that are counted, no signals and no forwards. Arguments: the container, a file with its host key, a file with
 * the one public key that may come in. Its port is printed.
 */

const [container = '', hostKeyFile = '', publicKeyFile = ''] = process.argv.slice(2);
const docker = new Docker();
const allowed = parsed(await readFile(publicKeyFile));
const server = new ssh2.Server({ hostKeys: [await readFile(hostKeyFile)] }, serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});

function serve(client: Connection): void {
  client.on('error', () => {});
  client.on('authentication', (context) =>
    mayEnter(context) ? context.accept() : context.reject(['publickey']),
  );
  client.on('session', (accept) => serveSession(accept()));
}

function parsed(key: Buffer): ParsedKey {
  const found = ssh2.utils.parseKey(key);
  if (found instanceof Error) throw found;
  return found;
}

function mayEnter(context: AuthContext): boolean {
  if (context.method !== 'publickey' || !allowed.getPublicSSH().equals(context.key.data)) return false;
  const { blob, signature, hashAlgo } = context;
  return (
    signature === undefined || (blob !== undefined && allowed.verify(blob, signature, hashAlgo) === true)
  );
}

function serveSession(session: Session): void {
  let terminal = false;
  session.on('pty', (accept) => {
    terminal = true;
    accept();
  });
  session.on('shell', (accept) => run(accept(), ['/bin/bash', '-l'], terminal));
  session.on('exec', (accept, _, { command }) => run(accept(), ['/bin/bash', '-c', command], terminal));
  session.on('subsystem', (accept) => run(accept(), ['/usr/lib/openssh/sftp-server'], false));
}

function run(channel: ServerChannel, command: readonly string[], terminal: boolean): void {
  start(channel, command, terminal).catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    channel.exit(1);
    channel.end();
  });
}

async function start(channel: ServerChannel, command: readonly string[], terminal: boolean): Promise<void> {
  channel.on('error', () => {});
  const exec = await docker.getContainer(container).exec({
    Cmd: [...command],
    User: 'lab',
    WorkingDir: '/home/lab',
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
  });
  const connection = await exec.start({ hijack: true, stdin: true, Tty: terminal });
  const stderr = new PassThrough();
  const stream = terminal ? connection : new ExecDuplex(connection, stderr);
  stderr.pipe(channel.stderr, { end: false });
  channel.pipe(stream);
  stream.pipe(channel, { end: false });
  channel.on('close', () => stream.destroy());
  await finished(stream, { writable: false });
  const { ExitCode } = await exec.inspect();
  channel.exit(ExitCode ?? 0);
  channel.end();
}
