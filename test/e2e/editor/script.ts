/** Where the server is put, below the home. */
export const SERVER_FOLDER = '.editor-server';
/** What the script waits for, below that; whole when it has this name. */
export const ARCHIVE = 'server.tar';

/** What the script found or started. */
export interface RunningServer {
  /** As the container counts. */
  readonly pid: number;
  readonly port: number;
  readonly socket: string;
  /** Whom the server lets in. */
  readonly token: string;
}

/**
 * What a window gives a bare `sh` to read: it finds the server under the home, or asks for one to be sent and unpacks it; finds it
 * running, or starts it detached; then says where it is, between marks by which a window tells it from what a lab's shell prints.
 *
 * @param mark nobody else prints it
 */
export function installScript(mark: string): string {
  return `
echo "${mark}: running"
folder="$HOME/${SERVER_FOLDER}"
mkdir -p "$folder"
cd "$folder" || exit 1
exec 9>lock
flock 9
if [ ! -d server ]; then
  echo "${mark}: wanted"
  until [ -e ${ARCHIVE} ]; do sleep 0.1; done
  tar -xf ${ARCHIVE} && rm ${ARCHIVE} || exit 1
fi
if [ ! -e pid ] || ! kill -0 "$(cat pid)" 2>/dev/null; then
  rm -f socket
  : >log
  (umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' >token)
  nohup setsid ./node server/main.ts "$(cat token)" "$folder/socket" >log 2>&1 </dev/null 9>&- &
  echo $! >pid
  until [ "$(grep -c '^listening on' log)" = 2 ]; do sleep 0.1; done
fi
flock -u 9
echo "${mark}: start"
echo "pid==$(cat pid)=="
echo "port==$(sed -n 's/^listening on port //p' log)=="
echo "socket==$folder/socket=="
echo "token==$(cat token)=="
echo "${mark}: end"
`;
}

/** What was said between the marks; undefined where the end has not come yet. */
export function serverSaid(mark: string, stdout: string): RunningServer | undefined {
  const [, said] = new RegExp(`${mark}: start\n([^]*)${mark}: end\n`).exec(stdout) ?? [];
  if (said === undefined) return undefined;
  const value = (name: string) => new RegExp(`^${name}==(.+)==$`, 'm').exec(said)?.[1] ?? '';
  return {
    pid: Number(value('pid')),
    port: Number(value('port')),
    socket: value('socket'),
    token: value('token'),
  };
}

/** Every byte that the script prints, where it had to be sent a server or not. */
export function scriptPrints(
  mark: string,
  { pid, port, socket, token }: RunningServer,
  sent: boolean,
): string {
  return [
    `${mark}: running`,
    ...(sent ? [`${mark}: wanted`] : []),
    `${mark}: start`,
    `pid==${pid}==`,
    `port==${port}==`,
    `socket==${socket}==`,
    `token==${token}==`,
    `${mark}: end`,
    '',
  ].join('\n');
}
