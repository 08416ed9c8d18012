import type { Client, Options, Target } from './client.ts';

const HOST = '127.0.0.1';

function settings({ port, user, home, fingerprint }: Target, key = `${home}/id`): string[] {
  return ['-batch', '-hostkey', fingerprint, '-i', `${key}.ppk`, '-P', String(port), '-l', user];
}

export function putty(version: string, prefix: readonly string[]): Client {
  const plink = (target: Target, { key, rekey, keepAlive, loud }: Options = {}) => {
    // What has no option is set in a saved session, of which there is one for each.
    const session = rekey === true ? 'rekey' : keepAlive === true ? 'keepalive' : undefined;
    const load = session === undefined ? [] : ['-load', session];
    // It shows what the server says to those who talk to a person, or with -v.
    const verbose = rekey === true || loud === true ? ['-v'] : [];
    return ['plink', ...load, ...verbose, ...settings(target, key)];
  };
  return {
    name: `PuTTY ${version}`,
    prefix,
    prepare: (_target, key) => {
      const sessions = '"$HOME/.putty/sessions"';
      const make = `mkdir -p ${sessions}; echo RekeyBytes=1M >${sessions}/rekey; echo PingIntervalSecs=1 >${sessions}/keepalive`;
      return ['sh', '-c', `${make}; puttygen ${key} -O private -o ${key}.ppk`];
    },
    exec: (target, command, options) => [...plink(target, options), HOST, command],
    terminal: { own: true, words: (target, command) => [...plink(target), '-t', HOST, command] },
    copies: {
      sftp: {
        up: (target, local, remote) => batch(target, `put ${local} ${remote}`),
        down: (target, remote, local) => batch(target, `get ${remote} ${local}`),
      },
      scp: copy('-sftp'),
      'scp -O': copy('-scp'),
    },
    localForward: (target, local, remote) => ({
      words: [...plink(target), '-N', '-L', `${HOST}:${local}:${HOST}:${remote}`, HOST],
    }),
    remoteForward: (target, remote, local) => ({
      words: [...plink(target), '-N', '-R', `${HOST}:${remote}:${HOST}:${local}`, HOST],
    }),
    rekeyed: /Initiating key re-exchange \(too much data (sent|received)\)/,
    remoteShell: (target) => plink(target).join(' '),
  };
}

function batch(target: Target, input: string) {
  return { words: ['psftp', ...settings(target), '-b', '/dev/stdin', HOST], input: `${input}\n` };
}

function copy(protocol: '-scp' | '-sftp') {
  const words = (target: Target, from: string, to: string) => ({
    words: ['pscp', '-q', protocol, ...settings(target), from, to],
  });
  return {
    up: (target: Target, local: string, remote: string) => words(target, local, `${HOST}:${remote}`),
    down: (target: Target, remote: string, local: string) => words(target, `${HOST}:${remote}`, local),
  };
}
