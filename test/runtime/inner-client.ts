import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client, type ClientChannel } from 'ssh2';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import type { Runtime } from '../../src/workspaces/ports/runtime.ts';

/** An SSH connection to the inner sshd, as the gateway makes it. */
export interface InnerClient extends Disposable {
  readonly client: Client;
  exec(command: string): Promise<ClientChannel>;
  run(command: string): Promise<{ stdout: string; stderr: string; status: number }>;
}

export async function connectInside(
  runtime: Runtime,
  key: WorkspaceKey,
  privateKey: string,
  username = 'lab',
  env: Readonly<Record<string, string>> = {},
): Promise<InnerClient> {
  const { stream, diagnostics } = await runtime.openSshd(key, env, AbortSignal.timeout(60_000));
  const client = new Client();
  client.connect({ sock: stream, username, privateKey, keepaliveInterval: 0, readyTimeout: 60_000 });
  await once(client, 'ready').catch((cause: unknown) => {
    stream.destroy();
    throw new Error(`no login: ${diagnostics()}`, { cause });
  });
  const exec = (command: string) =>
    new Promise<ClientChannel>((resolve, reject) =>
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
    );
  return {
    client,
    exec,
    run: (command) =>
      new Promise((resolve, reject) => {
        client.exec(command, (error, channel) => {
          if (error) return reject(error);
          // In this tick: ssh2 may emit 'exit' in the next one and never again.
          const status = new Promise<number>((exited) => channel.once('exit', exited));
          const outputs = [text(channel as Readable), text(channel.stderr as Readable)];
          channel.end();
          resolve(
            Promise.all([status, ...outputs]).then(([status, stdout = '', stderr = '']) => ({
              status,
              stdout,
              stderr,
            })),
          );
        });
      }),
    [Symbol.dispose]: () => client.destroy(),
  };
}
