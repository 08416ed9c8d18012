import { pino } from 'pino';
import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { FrontConnection } from '../front-sessions.ts';
import { FrontLeases } from '../leases/front-leases.ts';
import type { MemoryFronts } from './memory-fronts.ts';
import { MemoryLeases } from './memory-leases.ts';

export function keyNamed(user: string): WorkspaceKey {
  const key = parseWorkspaceKey(user, 'k3s');
  if (key === undefined) throw new Error('a key');
  return key;
}

/** Connection number `n`, of one of three users. */
export function connectionNumber(n: number): FrontConnection {
  return {
    id: n.toString(16).padStart(32, '0'),
    key: keyNamed(['alice', 'bob', 'carol'][n % 3] ?? 'alice'),
    clientAddress: '192.0.2.7:50122',
    clientProgram: 'SSH-2.0-OpenSSH_9.2p1',
  };
}

/** A factory over containers that outlive it. */
export class FrontFactory {
  readonly leases = new MemoryLeases();
  readonly sessions: FrontLeases;

  constructor(containers: MemoryFronts, clock: VirtualClock) {
    this.sessions = new FrontLeases({
      workspaces: this.leases,
      containers,
      clusters: {
        attachment: async () => ({ network: 'n', address: '10.0.0.14', kubeconfig: 'apiVersion: v1' }),
      },
      clientName: () => 'OpenSSH',
      clock,
      logger: pino({ level: 'silent' }),
    });
  }
}
