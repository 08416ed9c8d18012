import type { Client, Options, Target } from './client.ts';

/** A client of ours around a library: testbed/ssh-client, and `programs` beside this file. */
export function library(name: string, program: readonly string[]): Client {
  const words = ({ port, user, home }: Target, options: Options, ...action: readonly string[]) => [
    ...[...program, '--port', String(port), '--user', user, '--key', options.key ?? `${home}/id`],
    ...['--known-hosts', `${home}/.ssh/known_hosts`],
    ...(options.rekey === true ? ['--rekey', '1000000'] : []),
    ...(options.keepAlive === true ? ['--keepalive', '1'] : []),
    ...action,
  ];
  return {
    name,
    prefix: [],
    exec: (target, command, options = {}) => words(target, options, 'exec', command),
    terminal: { own: false, words: (target, command) => words(target, {}, 'terminal', '120', '30', command) },
    many: (target, command) => words(target, {}, 'many', '8', command),
    copies: {
      sftp: {
        up: (target, local, remote) => ({ words: words(target, {}, 'put', local, remote) }),
        down: (target, remote, local) => ({ words: words(target, {}, 'get', remote, local) }),
      },
    },
    localForward: (target, _local, remote) => ({
      words: words(target, {}, 'local-forward', String(remote)),
      says: /port (\d+)/,
    }),
    remoteForward: (target, remote, local) => ({
      words: words(target, {}, 'remote-forward', String(remote), String(local)),
      says: /port (\d+)/,
    }),
    rekeyed: /key exchanges: ([2-9]|\d\d)/,
  };
}
