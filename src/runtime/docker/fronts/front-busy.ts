import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';

/** Docker forgets a command soon after its end. Of which it remembers more than this, that is in use; nobody asks it for each. */
const MOST_COMMANDS = 200;

/**
 * Whether a process runs in it that somebody began. In ContainerSSH's mode "connection" each channel is an exec beside an idle main
 * process; what such an exec left behind in the background is nobody's. In its mode "session" the main process is the channel.
 */
export async function isBusy(
  engine: DockerEngine,
  container: Docker.ContainerInspectInfo,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isIdle([container.Path, ...container.Args])) return true;
  const commands = container.ExecIDs ?? [];
  if (commands.length > MOST_COMMANDS) return true;
  for (const id of commands) {
    const exec = await engine.callUnless([404], {
      what: 'look at a command in a container of the front',
      signal,
      request: (docker, abortSignal) => docker.getExec(id).inspect({ abortSignal }),
    });
    if (exec?.Running) return true;
  }
  return false;
}

/** A main process that waits and does nothing: ContainerSSH's agent, or where there is none what lab containers wait with. */
function isIdle(command: readonly string[]): boolean {
  const [program = '', verb] = command;
  if (program.endsWith('/containerssh-agent') && verb === 'wait-signal') return true;
  return command.join(' ') === 'tail -f /dev/null';
}
