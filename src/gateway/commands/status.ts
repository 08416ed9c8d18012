import { sentenceWithId } from '../../logging/log-failure.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { Phase } from '../../workspaces/workspace-access.ts';
import { type GatewayCommand, OK } from './gateway-command.ts';

export const statusCommand: GatewayCommand = {
  name: '@status',
  summary: 'how your container and your cluster are',
  async run({ print, lease, clock, otherLabs }) {
    print(`workspace  ${formatWorkspaceKey(lease.key)}`);
    print(`container  ${phaseText(lease.containerPhase(), clock.now())}`);
    print(`cluster    ${phaseText(lease.clusterPhase(), clock.now())}`);
    if (lease.clusterPhase().kind !== 'none') print(`urls       ${lease.urls.http}  ${lease.urls.https}`);
    if (otherLabs.length > 0) print(`other labs ${otherLabs.join(', ')}`);
    return OK;
  },
};

function phaseText(phase: Phase, now: number): string {
  switch (phase.kind) {
    case 'none':
      return 'this lab has none';
    case 'asleep':
    case 'ready':
      return phase.kind;
    case 'working': {
      const seconds = Math.max(0, Math.floor((now - phase.since) / 1000));
      return `${phase.action}${phase.step === '' ? '' : `, ${phase.step}`}, for ${seconds} s`;
    }
    case 'failed':
      return `failed: ${sentenceWithId(phase.error)}`;
  }
}
