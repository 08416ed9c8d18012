import { followProgress } from '../../waiting/follow-progress.ts';
import { type GatewayCommand, OK } from './gateway-command.ts';

export const kubeconfigCommand: GatewayCommand = {
  name: '@kubeconfig',
  summary: 'a kubeconfig for kubectl on your own machine, on standard output',
  async run({ channel, lease, print, note }) {
    using _progress = followProgress(lease, 'cluster', note);
    await lease.clusterReady(channel.signal);
    print(await lease.publicKubeconfig(channel.signal));
    return OK;
  },
};
