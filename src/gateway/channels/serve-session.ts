import { FactoryError } from '../../errors/factory-error.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { Logger } from '../../logging/logger.ts';
import type { LabName } from '../../names/lab-name.ts';
import type { Clock } from '../../time/clock.ts';
import { loginNews } from '../../waiting/login-news.ts';
import { waitForWorkspace } from '../../waiting/waiting-screen.ts';
import type { Lease } from '../../workspaces/workspace-access.ts';
import { resetAdvice } from '../cluster-advice.ts';
import type { ClusterWords } from '../commands/cluster.ts';
import { isGatewayCommand, runGatewayCommand } from '../commands/run-command.ts';
import { failureSentence } from '../failure-sentence.ts';
import type { Destination } from '../inner/inner-advice.ts';
import { openInnerChannel } from '../inner/inner-channel.ts';
import type { InnerHop } from '../inner/inner-hop.ts';
import type { LabChoice } from '../picker/picker.ts';
import { type Exit, GATEWAY_FAILED } from './exit.ts';
import { bridgeSession } from './session-bridge.ts';
import type { SessionChannel } from './session-channel.ts';
import type { SessionRequest } from './sessions.ts';
import type { TransportGate } from './transport-gate.ts';

/** What the sessions of one connection work with. */
export interface Workspace {
  readonly lease: Lease;
  readonly lab: LabDefinition;
  /** What else the user may use. */
  readonly otherLabs: readonly LabName[];
  /** All that the user may use, as they are now. */
  readonly labs: () => readonly LabChoice[];
  readonly hop: InnerHop;
  /** Of the client's transport. */
  readonly gate: TransportGate;
  /** `@cluster`; undefined: there is none. */
  readonly runCluster?: ClusterWords | undefined;
  readonly destination: Destination;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Serves one shell, command or subsystem to its end. Never rejects: a failure becomes a sentence and a status. */
export async function serveSession(
  workspace: Workspace,
  channel: SessionChannel,
  request: SessionRequest,
): Promise<void> {
  try {
    await channel.finish(await serve(workspace, channel, request));
  } catch (error) {
    if (channel.signal.aborted) return await channel.finish(undefined);
    channel.tell(failureSentence(error, workspace.logger));
    await channel.finish(GATEWAY_FAILED);
  }
}

/** Whether the container has no part in it. */
export function isForGateway(request: SessionRequest): request is Extract<SessionRequest, { kind: 'exec' }> {
  return request.kind === 'exec' && isGatewayCommand(request.command);
}

async function serve(
  workspace: Workspace,
  channel: SessionChannel,
  request: SessionRequest,
): Promise<Exit | undefined> {
  if (isForGateway(request)) {
    return await runGatewayCommand(request.command, { ...workspace, channel });
  }
  if (channel.interactive) for (const news of loginNews(workspace.lease.lifecycleNews())) channel.tell(news);
  const connecting = workspace.hop.connect();
  const typed = await typedWhileWaiting(workspace, channel, connecting);
  const inner = await connecting;
  if (channel.signal.aborted) return undefined;
  const message = channel.interactive ? workspace.lease.takeMessage() : '';
  if (message !== '') channel.tell(message);
  const { gate, clock, lease, logger } = workspace;
  const started = await openInnerChannel(inner, channel, request, logger);
  const onInput = (): void => lease.noteInput();
  const exit = await bridgeSession({ channel, gate, started, inner, typed, onInput, clock });
  if (exit !== undefined || channel.signal.aborted || !inner.over.aborted) return exit;
  throw new FactoryError(
    'INNER_SSHD_FAILED',
    'The connection to your container was lost. Connect again to go on.',
  );
}

/** Only a shell on a terminal that can redraw a line has somebody who watches; nothing else gets a byte of ours. */
async function typedWhileWaiting(
  { lease, destination, clock }: Workspace,
  channel: SessionChannel,
  shellPossible: Promise<unknown>,
): Promise<Buffer> {
  if (!channel.interactive || channel.pty?.term === 'dumb') return Buffer.alloc(0);
  return await waitForWorkspace({
    terminal: {
      input: channel.stdin,
      write: (text) => channel.stdout.write(text),
      // RFC 4254 §6.2: zero means that the client does not know.
      columns: () => channel.pty?.cols || 80,
    },
    lease,
    adviceOn: (failure) => resetAdvice(failure, destination),
    shellPossible,
    clock,
    signal: channel.signal,
  });
}
