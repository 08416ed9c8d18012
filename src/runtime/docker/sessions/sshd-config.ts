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

/** What `START_SSHD` reads. Throws `LAB_INVALID` where it is too much. */
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

/** sshd leaves its sockets behind, and the `cluster` program removes those that it meets; beyond so many a login does. */
const SOCKETS_LEFT = 16;

/**
 * Starts the inner sshd: what may differ from last time (the key, /run after a restart, the environment) is made right on
 * the way. Arguments: the authorized_keys line, the arguments of SetEnv. Only shell built-ins where nothing is to be done,
 * because each login waits for this. Where there is no IPv6 sshd must not try it: it gives X11 up when ::1 cannot be bound. What
 * containers that older versions made lack in their sshd_config is on the command line.
 */
const START_SSHD = `
cd ${FACTORY_FOLDER} || exit
read -r key <authorized_keys
[ "$key" = "$1" ] || { printf '%s\\n' "$1" >"authorized_keys.$$" && mv "authorized_keys.$$" authorized_keys; }
[ -d /run/sshd ] || mkdir -p -m 0755 /run/sshd
[ -d ${DOOR_FOLDER} ] || {
  while read -r word user more; do [ "$word" = AllowUsers ] && break; done <sshd_config
  mkdir -m 0755 ${DOOR_FOLDER} && chown "$user" ${DOOR_FOLDER}
}
sweep() {
  [ $# -gt ${SOCKETS_LEFT} ] && bound=$(cat /proc/net/unix) || return
  for socket do case $bound in *"$socket"*) ;; *) rm -f "$socket" ;; esac; done
}
sweep ${DOOR_FOLDER}/*.sock
environment=
while IFS= read -r line; do environment="$environment$line
"; done <environment
cd /
family=any
{ read -r line </proc/net/if_inet6; } 2>/dev/null || family=inet
exec ${SSHD} -i -e -f ${FACTORY_FOLDER}/sshd_config -o "SetEnv $2 $environment" -o "AddressFamily $family" \\
  -o 'StreamLocalBindMask 0177' -o 'StreamLocalBindUnlink yes'
`;

export function sshdCommand(authorizedKey: string, env: Readonly<Record<string, string>>): string[] {
  return ['/bin/sh', '-c', START_SSHD, 'sshd', authorizedKey, setEnvArguments(env)];
}
