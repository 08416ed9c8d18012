import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { type GatewayCommand, OK } from './gateway-command.ts';

/** Carries out `@cluster <args>` for the student of this workspace; resolves with the exit status. */
export type ClusterWords = (
  key: WorkspaceKey,
  args: readonly string[],
  io: {
    readonly name: '@cluster';
    print(text: string): void;
    note(text: string): void;
    readonly signal: AbortSignal;
  },
) => Promise<number>;

/** What `cluster` does in the lab, for those who are not in it. */
export function clusterCommand(run: ClusterWords): GatewayCommand {
  return {
    name: '@cluster',
    summary: 'your cluster: status, start, stop, reset, … (@cluster help)',
    async run({ args, lease, channel, print, note }) {
      const { signal } = channel;
      const code = await run(lease.key, args, { name: '@cluster', print, note, signal });
      return code === 0 ? OK : { kind: 'status', code };
    },
  };
}
