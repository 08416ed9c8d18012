import { DOOR_FOLDER, FACTORY_FOLDER, SSHD, setEnvArguments } from './sshd-config.ts';

/** sshd leaves its sockets behind, and the `cluster` program removes those that it meets; beyond so many a login does. */
const SOCKETS_LEFT = 16;

/**
 * Starts the inner sshd: what may differ from last time (the key, /run after a restart, the environment) is made right on
 * the way. Arguments: the authorized_keys line, the arguments of SetEnv, and two named pipes without their endings, or nothing. Only
 * shell built-ins where nothing is to be done, because each login waits for this. Where there is no IPv6 sshd must not try it: it
 * gives X11 up when ::1 cannot be bound. What containers that older versions made lack in their sshd_config is on the command line.
 * sshd speaks over the pipes where they can be opened. They are opened both ways first: where the factory is gone, opening one end
 * would wait for ever for somebody at the other.
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
pipe=$3
set -- ${SSHD} -i -e -f ${FACTORY_FOLDER}/sshd_config -o "SetEnv $2 $environment" -o "AddressFamily $family" \\
  -o 'StreamLocalBindMask 0177' -o 'StreamLocalBindUnlink yes'
[ -n "$pipe" ] && [ -r "$pipe.in" ] && [ -w "$pipe.out" ] || exec "$@"
exec 3<>"$pipe.in" 4<>"$pipe.out" || exit
exec "$@" <"$pipe.in" >"$pipe.out" 3>&- 4>&-
`;

/** @param pipes in the container, without their endings */
export function sshdCommand(
  authorizedKey: string,
  env: Readonly<Record<string, string>>,
  pipes: string | undefined,
): string[] {
  return ['/bin/sh', '-c', START_SSHD, 'sshd', authorizedKey, setEnvArguments(env), pipes ?? ''];
}
