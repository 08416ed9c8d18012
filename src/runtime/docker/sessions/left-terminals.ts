import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../../../docker-engine/workspace-labels.ts';
import { LABEL } from '../../../names/docker-names.ts';
import type { InstanceId } from '../../../names/instance-id.ts';
import type { WorkspaceKey } from '../../../names/workspace-key.ts';
import { markOf, type TerminalMark } from './exec-terminal.ts';

/** A terminal in a lab container that no session has any more: the factory that opened it was killed. */
export interface LeftTerminal {
  readonly key: WorkspaceKey;
  readonly container: string;
  readonly mark: TerminalMark;
}

/** Those in containers that run; a paused one can not be looked into, and its are found when it runs again. */
export async function leftTerminals(
  engine: DockerEngine,
  instance: InstanceId,
  isOpen: (mark: TerminalMark) => boolean,
  signal: AbortSignal,
): Promise<readonly LeftTerminal[]> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=container`];
  const containers = await engine.call({
    what: 'list the containers that run',
    signal,
    request: (docker, abortSignal) =>
      docker.listContainers({ filters: { label, status: ['running'] }, abortSignal }),
  });
  const found: LeftTerminal[] = [];
  for (const { Id, Names, Labels } of containers) {
    const key = workspaceOfLabels(Labels);
    if (key === undefined) continue;
    for (const mark of await marksIn(engine, Id, signal)) {
      if (!isOpen(mark)) found.push({ key, container: Names[0]?.slice(1) ?? Id, mark });
    }
  }
  return found;
}

async function marksIn(
  engine: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<readonly TerminalMark[]> {
  const inspected = await engine.callUnless([404], {
    what: 'look at a container',
    signal,
    request: (docker, abortSignal) => docker.getContainer(container).inspect({ abortSignal }),
  });
  const marks: TerminalMark[] = [];
  for (const id of inspected?.ExecIDs ?? []) {
    const exec = await engine.callUnless([404], {
      what: 'look at a command in the container',
      signal,
      request: (docker, abortSignal) => docker.getExec(id).inspect({ abortSignal }),
    });
    const mark = exec?.Running ? markOf(exec.ProcessConfig.arguments) : undefined;
    if (mark !== undefined) marks.push(mark);
  }
  return marks;
}
