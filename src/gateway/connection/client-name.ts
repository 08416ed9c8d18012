import type { SeenChannel } from './seen-channel.ts';

/** Software by how its identification (RFC 4253 §4.2) begins behind "SSH-2.0-", or what is in it. The first that fits counts. */
const KNOWN: ReadonlyArray<readonly [RegExp, string]> = [
  [/jetbrains/i, 'JetBrains'],
  [/termius/i, 'Termius'],
  [/bitvise/i, 'Bitvise'],
  [/^OpenSSH_for_Windows/, 'OpenSSH for Windows'],
  [/^OpenSSH/, 'OpenSSH'],
  [/^PuTTY/, 'PuTTY'],
  [/^KiTTY/i, 'KiTTY'],
  [/^MoTTY/, 'MobaXterm'],
  [/^WinSCP/, 'WinSCP'],
  [/^FileZilla/, 'FileZilla'],
  [/^Cyberduck/i, 'Cyberduck'],
  [/^TTSSH/, 'Tera Term'],
  [/^SecureCRT/, 'SecureCRT'],
  [/^nsssh2/, 'Xshell'],
  [/^ConnectBot/i, 'ConnectBot'],
  [/^JuiceSSH/i, 'JuiceSSH'],
  [/^dropbear/i, 'Dropbear'],
  [/^paramiko/i, 'Paramiko'],
  [/^AsyncSSH/i, 'AsyncSSH'],
  [/^libssh2/i, 'libssh2'],
  [/^libssh/i, 'libssh'],
  [/^JSCH/i, 'JSch'],
  [/^SSHJ/i, 'SSHJ'],
  [/^APACHE-SSHD|^SSHD-CORE/i, 'Apache MINA SSHD'],
  [/^Renci\.SshNet/i, 'SSH.NET'],
  [/^phpseclib/i, 'phpseclib'],
  [/^ssh2js|^ssh2$/i, 'ssh2 for Node.js'],
  [/^russh/i, 'russh'],
  [/^Go\b/, 'Go'],
];

const LONGEST_NAME = 32;

/**
 * What people call the client. It tells its software; what that is used for shows in the channels it opens: VS Code and the
 * JetBrains IDEs come with the system's `ssh`.
 *
 * @param identification its SSH identification string, in printable ASCII
 * @param seen the channels that it has opened so far
 */
export function clientName(identification: string, seen: readonly SeenChannel[]): string {
  const software = identification.replace(/^SSH-[0-9.]+-/, '');
  if (seen.some(({ program }) => program === 'jetbrains')) return 'JetBrains';
  const known = KNOWN.find(([pattern]) => pattern.test(software))?.[1];
  if (known?.startsWith('OpenSSH')) return purpose(seen) ?? known;
  return known ?? unknownSoftware(software);
}

function purpose(seen: readonly SeenChannel[]): string | undefined {
  if (isVsCode(seen)) return 'VS Code';
  const sessions = seen.filter(({ kind }) => kind !== 'forward');
  for (const name of ['sftp', 'scp', 'rsync', 'git']) {
    if (sessions.length > 0 && sessions.every((each) => (each.program ?? each.name) === name)) return name;
  }
  return undefined;
}

/** `ssh -T -D port host sh`: its script comes on the shell's input, all else goes through forwards, and nothing has a terminal. */
function isVsCode(seen: readonly SeenChannel[]): boolean {
  const bare = (each: SeenChannel) => each.kind === 'shell' || each.program === 'shell';
  return (
    seen.some(({ kind }) => kind === 'forward') && seen.some(bare) && seen.every(({ pty }) => pty === false)
  );
}

/** The name before its version. */
function unknownSoftware(software: string): string {
  const [name = ''] = software.split(/[\s_/]|-?\d/, 1);
  return name === '' ? 'unknown' : name.slice(0, LONGEST_NAME);
}
