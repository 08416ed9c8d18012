import type { Client, Options, Target } from './client.ts';

const HOST = '127.0.0.1';

export function dropbear(version: string, prefix: readonly string[]): Client {
  const dbclient = ({ port, user, home }: Target, { key = `${home}/id`, keepAlive }: Options = {}) => {
    // It is gone after three questions without an answer, which no option changes.
    const alive = keepAlive === true ? ['-K', '6'] : [];
    return ['dbclient', ...alive, '-i', `${key}.dropbear`, '-p', String(port), '-l', user];
  };
  return {
    name: `dropbear ${version}`,
    prefix,
    prepare: (_target, key) => ['dropbearconvert', 'openssh', 'dropbear', key, `${key}.dropbear`],
    exec: (target, command, options) => [...dbclient(target, options), HOST, command],
    terminal: { own: true, words: (target, command) => [...dbclient(target), '-t', HOST, command] },
    localForward: (target, local, remote) => ({
      words: [...dbclient(target), '-N', '-L', `${HOST}:${local}:${HOST}:${remote}`, HOST],
    }),
    remoteForward: (target, remote, local) => ({
      words: [...dbclient(target), '-N', '-R', `${HOST}:${remote}:${HOST}:${local}`, HOST],
    }),
    remoteShell: (target) => dbclient(target).join(' '),
  };
}
