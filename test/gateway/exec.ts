import type { Client, ClientChannel, ExecOptions } from 'ssh2';

/** A command in a session of its own. Rejects where it is refused. */
export function exec(client: Client, command: string, options: ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, options, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
}
