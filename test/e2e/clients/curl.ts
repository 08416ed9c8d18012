import type { Client, Target } from './client.ts';

/** Only for files: its SFTP is libssh2's. */
export function curl(version: string, prefix: readonly string[]): Client {
  const settings = ({ user, home }: Target) => [
    ...['curl', '--silent', '--show-error', '--user', `${user}:`],
    ...['--key', `${home}/id`, '--pubkey', `${home}/id.pub`],
  ];
  const at = ({ port }: Target, path: string) => `sftp://127.0.0.1:${port}${path}`;
  return {
    name: `curl ${version}`,
    prefix,
    copies: {
      sftp: {
        up: (target, local, remote) => ({
          words: [...settings(target), '--upload-file', local, at(target, remote)],
        }),
        down: (target, remote, local) => ({
          words: [...settings(target), '--output', local, at(target, remote)],
        }),
      },
    },
  };
}
