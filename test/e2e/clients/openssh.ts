import type { Client, Copy, Options, Target } from './client.ts';

function settings({ port, user, home }: Target, { key, rekey, keepAlive }: Options = {}): string[] {
  const set = [
    `IdentityFile=${key ?? `${home}/id`}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `UserKnownHostsFile=${home}/.ssh/known_hosts`,
    'StrictHostKeyChecking=yes',
    `Port=${port}`,
    `User=${user}`,
    ...(rekey === true ? ['RekeyLimit=1M', 'LogLevel=DEBUG1'] : []),
    ...(keepAlive === true ? ['ServerAliveInterval=1', 'ServerAliveCountMax=20'] : []),
  ];
  return ['-F', 'none', ...set.flatMap((each) => ['-o', each])];
}

const HOST = '127.0.0.1';

function scp(protocol: '-O' | '-s'): Copy {
  const words = (target: Target, from: string, to: string) => ({
    words: ['scp', '-q', protocol, ...settings(target), from, to],
  });
  return {
    up: (target, local, remote) => words(target, local, `${HOST}:${remote}`),
    down: (target, remote, local) => words(target, `${HOST}:${remote}`, local),
  };
}

const SFTP: Copy = {
  up: (target, local, remote) => batch(target, `put ${local} ${remote}`),
  down: (target, remote, local) => batch(target, `get ${remote} ${local}`),
};

function batch(target: Target, input: string) {
  return { words: ['sftp', '-q', ...settings(target), '-b', '-', HOST], input: `${input}\n` };
}

export function openSsh(name: string, prefix: readonly string[]): Client {
  const ssh = (target: Target, options?: Options) => ['ssh', ...settings(target, options)];
  return {
    name,
    prefix,
    exec: (target, command, options) => [...ssh(target, options), HOST, command],
    terminal: { own: true, words: (target, command) => [...ssh(target), '-tt', '-q', HOST, command] },
    many: (target, command) => {
      const shared = [...ssh(target), '-o', `ControlPath=${target.home}/${name.replaceAll(/\W/g, '-')}.sock`];
      const one = quoted([...shared, HOST, command]);
      const all = Array.from({ length: 8 }, () => `${one} & `).join('');
      const [master, end] = [['-MNf'], ['-O', 'exit']].map((how) => quoted([...shared, ...how, HOST]));
      return ['sh', '-c', `${master} </dev/null >/dev/null 2>&1; ${all} wait; ${end} 2>/dev/null`];
    },
    copies: { sftp: SFTP, scp: scp('-s'), 'scp -O': scp('-O') },
    localForward: (target, local, remote) => ({
      words: [...ssh(target), '-N', '-L', `${HOST}:${local}:${HOST}:${remote}`, HOST],
    }),
    remoteForward: (target, remote, local) => ({
      words: [...ssh(target), '-N', '-R', `${HOST}:${remote}:${HOST}:${local}`, HOST],
      ...(remote === 0 ? { says: /Allocated port (\d+)/ } : {}),
    }),
    rekeyed: /SSH2_MSG_NEWKEYS received[\s\S]*SSH2_MSG_NEWKEYS received/,
    remoteShell: (target) => ssh(target).join(' '),
  };
}

/** From 9.5 on it sends pings between the keys, where the server says that it answers them (OpenSSH's PROTOCOL 1.9). */
export function newerOpenSsh(name: string, prefix: readonly string[]): Client {
  return {
    ...openSsh(name, prefix),
    hidesKeys: {
      words: (target, command) => ['ssh', ...settings(target), '-vvv', '-tt', HOST, command],
      says: /obfuscate_keystroke_timing: stopping: .*\([1-9]\d* chaff packets sent\)/,
    },
  };
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
