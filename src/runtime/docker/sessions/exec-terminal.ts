import { randomUUID } from 'node:crypto';
import { runExec } from '../../../docker-engine/container-exec.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';

/*
 * Docker does not hang up the terminal of an exec when its connection goes: a shell on it would wait for keys for ever (tried; one
 * without a terminal reads the end of its input). So each gets a mark of its own, by which its processes are found and sent
 * the SIGHUP that a terminal line would send.
 */

/** In the environment of all that runs on the terminal. */
const VARIABLE = 'SSH_LAB_FACTORY_TERMINAL';

/** Docker tells the arguments of an exec, and nothing of its environment. */
const ARGUMENT = 'ssh-lab-factory-terminal:';

/** ms */
const HANG_UP_LIMIT = 15_000;

/**
 * To the process that Docker started, which leads the terminal's session and passes it on: that is what a line that is cut does.
 * It has no parent in the container, unlike a tmux that was started from it and shall stay. `$1`: variable and mark.
 */
const HANG_UP = `
mark=$1
for folder in /proc/[0-9]*; do
  tr '\\0' '\\n' <"$folder/environ" | grep -qxF "$mark" || continue
  read -r stat <"$folder/stat" || continue
  set -- \${stat##*) }
  [ "$2" = 0 ] && kill -HUP "\${folder#/proc/}" && kill -CONT "\${folder#/proc/}"
done 2>/dev/null
true`;

/** Names one terminal; never given twice. */
export type TerminalMark = string;

export function newMark(): TerminalMark {
  return randomUUID();
}

/** The command, so that Docker and its processes tell the mark. */
export function markedCommand(command: readonly string[], mark: TerminalMark): readonly string[] {
  return ['/bin/sh', '-c', `export ${VARIABLE}=${mark}; exec "$@"`, `${ARGUMENT}${mark}`, ...command];
}

/** The mark in an exec's arguments, as Docker tells them; undefined where it is none of ours. */
export function markOf(args: readonly string[]): TerminalMark | undefined {
  const marked = args.find((argument) => argument.startsWith(ARGUMENT));
  return marked?.slice(ARGUMENT.length);
}

/** Ends what runs on the terminal, unless it chose to outlive that. Rejects with what Docker's calls reject with. */
export async function hangUp(
  engine: DockerEngine,
  container: string,
  mark: TerminalMark,
  signal: AbortSignal = AbortSignal.timeout(HANG_UP_LIMIT),
): Promise<void> {
  const command = ['/bin/sh', '-c', HANG_UP, 'hang-up', `${VARIABLE}=${mark}`];
  await runExec(engine, { container, command, user: '0' }, '', signal);
}
