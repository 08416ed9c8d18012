import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import type { VerificationKeys } from '../jwks.ts';
import type { Principal } from '../principal.ts';
import { makeTokenKey, type TokenKey } from '../token-key.ts';

export const ISSUER = 'urn:ssh-lab-factory:abcd1234';

export const ALICE: Principal = { role: 'student', key: workspaceOf('alice', 'k3s') };
export const BOB: Principal = { role: 'student', key: workspaceOf('bob', 'k3s') };
export const CAROL: Principal = { role: 'instructor', name: 'carol', groups: ['class-a', 'class-b'] };
export const DAVE: Principal = { role: 'admin', name: 'dave@example.org' };
export const GATEWAY: Principal = { role: 'gateway', name: 'gateway' };

export const PRINCIPALS: readonly Principal[] = [ALICE, BOB, CAROL, DAVE, GATEWAY];

/** One key that signs from the beginning. */
export async function oneKey(clock: Clock): Promise<VerificationKeys & { current(): TokenKey }> {
  const key = await makeTokenKey({ madeAt: clock.now(), signsFrom: clock.now() });
  return {
    current: () => key,
    find: async (kid) => (kid === key.kid ? key.publicKey : undefined),
  };
}

function workspaceOf(user: string, lab: string): WorkspaceKey {
  const key = parseWorkspaceKey(user, lab);
  if (key === undefined) throw new Error(`${user}/${lab} is no workspace`);
  return key;
}
