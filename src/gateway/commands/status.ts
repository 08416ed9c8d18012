import { sentenceWithId } from '../../logging/log-failure.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { Phase } from '../../workspaces/workspace-access.ts';
import { resetAdvice } from '../cluster-advice.ts';
import { type Destination, sshCommand } from '../inner/inner-advice.ts';
import { type GatewayCommand, OK } from './gateway-command.ts';
import { sessionLine } from './session-line.ts';

export const statusCommand: GatewayCommand = {
  name: '@status',
  summary: 'how your container and your cluster are, and who is connected',
  async run({ print, lease, clock, otherLabs, destination }) {
    const now = clock.now();
    print(`workspace  ${formatWorkspaceKey(lease.key)}`);
    print(`container  ${phaseText(lease.containerPhase(), now, destination)}`);
    print(`cluster    ${phaseText(lease.clusterPhase(), now, destination)}`);
    if (lease.clusterPhase().kind !== 'none') print(`urls       ${lease.urls.http}  ${lease.urls.https}`);
    for (const session of lease.sessions) {
      const own = session.holder === lease.holder ? ' (this one)' : '';
      print(`session    ${sessionLine(session, now)}${own}`);
    }
    if (otherLabs.length > 0) print(`other labs ${otherLabs.join(', ')}`);
    return OK;
  },
};

const DOWN = { suspend: 'paused', stop: 'stopped', delete: 'deleted' } as const;

function phaseText(phase: Phase, now: number, destination: Destination): string {
  switch (phase.kind) {
    case 'none':
      return 'this lab has none';
    case 'asleep':
    case 'ready':
      return phase.kind;
    case 'down':
      return `${DOWN[phase.order]} by ${phase.by}; ${sshCommand(destination, '@cluster start')} brings it back`;
    case 'working': {
      const seconds = Math.max(0, Math.floor((now - phase.since) / 1000));
      return `${phase.action}${phase.step === '' ? '' : `, ${phase.step}`}, for ${seconds} s`;
    }
    case 'failed':
      return `failed: ${sentenceWithId(phase.error)}${resetAdvice(phase.error, destination)}`;
  }
}
