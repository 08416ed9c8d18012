import { FactoryError } from '../../../errors/factory-error.ts';
import { settingOf } from '../../session-env.ts';

/** Where the factory keeps its files in a lab container. */
export const FACTORY_FOLDER = '/etc/ssh-lab-factory';
export const SSHD = '/usr/sbin/sshd';

/** Where the sshd of each session makes its socket for the lab's door. */
export const DOOR_FOLDER = '/run/ssh-lab-factory';

/**
 * The inner sshd's configuration (sshd_config(5)). It meets one client, the gateway, so what limits strangers is off; what a
 * student may do with a connection is as on any server.
 */
export function sshdConfig(user: string): string {
  return `# Written by ssh-lab-factory. The gateway speaks to this sshd over the standard streams of "sshd -i".
HostKey ${FACTORY_FOLDER}/host_key
AuthorizedKeysFile ${FACTORY_FOLDER}/authorized_keys
AllowUsers ${user}
PermitRootLogin ${user === 'root' ? 'prohibit-password' : 'no'}
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
AcceptEnv *
AllowAgentForwarding yes
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
X11Forwarding yes
MaxSessions 1000
PrintMotd yes
PrintLastLog no
Subsystem sftp internal-sftp
AddressFamily any
LogLevel ERROR
`;
}

/**
 * The arguments of sshd_config(5)'s SetEnv for these variables, of which the first of a name counts. On the command line, unlike in
 * its file, sshd takes values of several lines.
 */
export function setEnvArguments(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => settingOf(name, value))
    .join(' ');
}

/** Of the variables of a lab; with those of a session they are one argument of a program (`SESSION_ENV`); bytes. */
const LONGEST_ENVIRONMENT = 48 * 1024;

/** What starting sshd reads (start-sshd.ts). Throws `LAB_INVALID` where it is too much. */
export function environmentFile(env: Readonly<Record<string, string>>): string {
  const text = setEnvArguments(env);
  if (Buffer.byteLength(text) > LONGEST_ENVIRONMENT) {
    throw new FactoryError(
      'LAB_INVALID',
      'The variables of the lab are too long; 48 KiB is the most in all.',
    );
  }
  return `${text}\n`;
}
